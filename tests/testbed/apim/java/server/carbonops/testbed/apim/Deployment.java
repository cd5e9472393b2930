package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.consensys.cava.toml.Toml;
import net.consensys.cava.toml.TomlParseResult;

/** deployment.toml, read by the parser the product uses. */
final class Deployment {

    private static final int HTTPS_PORT = 9443;
    private static final Pattern REFERENCE = Pattern.compile("\\$(env|sys)\\{([^}]*)}");

    private final TomlParseResult toml;

    private Deployment(TomlParseResult toml) {
        this.toml = toml;
    }

    static Deployment read(Path file) throws IOException {
        TomlParseResult toml = Toml.parse(file);
        if (toml.hasErrors()) {
            String errors = toml.errors().stream().map(e -> e.position() + ": " + e.getMessage()).collect(Collectors.joining("; "));
            throw new IOException("Error while parsing deployment.toml: " + errors);
        }
        return new Deployment(toml);
    }

    String text(String key, String whenAbsent) {
        Object value = toml.get(key);
        return value == null ? whenAbsent : resolve(value.toString());
    }

    int httpsPort() {
        String offset = System.getProperty("portOffset", text("server.offset", "0"));
        return HTTPS_PORT + Integer.parseInt(offset.trim());
    }

    /** The table that configures TLS: [keystore.tls], or [keystore.primary] in its absence. */
    String tlsKeystoreTable() {
        return toml.contains("keystore.tls") ? "keystore.tls" : "keystore.primary";
    }

    private static String resolve(String value) {
        Matcher matcher = REFERENCE.matcher(value);
        return matcher.replaceAll(found -> {
            String name = found.group(2);
            String replacement = found.group(1).equals("env") ? System.getenv(name) : System.getProperty(name);
            return Matcher.quoteReplacement(replacement == null ? "" : replacement);
        });
    }
}
