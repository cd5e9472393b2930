package carbonops.testbed.is7;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A name and a password. */
final class Credentials {
    final String name;
    final String password;

    Credentials(String name, String password) {
        this.name = name;
        this.password = password;
    }

    /** Those of an Authorization header, or null when it holds none. */
    static Credentials ofBasic(String header) {
        if (header == null || !header.startsWith("Basic ")) {
            return null;
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(header.substring("Basic ".length()).trim());
            String[] parts = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2 ? new Credentials(parts[0], parts[1]) : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }
}
