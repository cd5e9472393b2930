// Copyright (c) 2026, carbonops contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Connects over TLS to the local port of each line of standard input, as any Java client does, and says whether the peer is trusted. */
public final class TlsProbe {
    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String port = lines.readLine(); port != null; port = lines.readLine()) {
            System.out.println(handshake(Integer.parseInt(port)));
        }
    }

    private static String handshake(int port) {
        try (SSLSocket socket = (SSLSocket) SSLSocketFactory.getDefault().createSocket("localhost", port)) {
            socket.startHandshake();
            return "trusted";
        } catch (IOException refused) {
            return "refused: " + refused.getMessage();
        }
    }
}
