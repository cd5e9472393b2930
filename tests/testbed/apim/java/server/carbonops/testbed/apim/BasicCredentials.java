package carbonops.testbed.apim;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Name and password of an Authorization header. */
final class BasicCredentials {

    private static final String SCHEME = "Basic ";

    private final String name;
    private final String password;

    private BasicCredentials(String name, String password) {
        this.name = name;
        this.password = password;
    }

    /** Null when the header is absent or of another kind. */
    static BasicCredentials of(String header) {
        if (header == null || !header.startsWith(SCHEME)) {
            return null;
        }
        try {
            String pair = new String(Base64.getDecoder().decode(header.substring(SCHEME.length()).trim()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? null : new BasicCredentials(pair.substring(0, colon), pair.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static String header(String name, String password) {
        return SCHEME + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    String name() {
        return name;
    }

    String password() {
        return password;
    }
}
