package carbonops.testbed.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The kernel's pid file: a 100 byte buffer written whole, so the number is followed by NULs; never removed. */
public final class PidFile {

    private static final int BUFFER_SIZE = 100;

    private PidFile() {
    }

    public static void write(Path home) throws IOException {
        byte[] number = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        Files.write(home.resolve("wso2carbon.pid"), Arrays.copyOf(number, BUFFER_SIZE));
    }
}
