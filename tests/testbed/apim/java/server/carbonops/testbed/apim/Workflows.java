package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.consensys.cava.toml.Toml;
import net.consensys.cava.toml.TomlParseResult;

/**
 * What an administrator of the product sets while it runs: which steps wait for an approval, and the application tiers.
 * Read anew at each request.
 */
final class Workflows {

    static final String APPROVED = "APPROVED";
    static final String CREATED = "CREATED";
    static final String DELETE_PENDING = "DELETE_PENDING";
    private static final List<String> TIERS = List.of("10PerMin", "20PerMin", "50PerMin", "Unlimited");

    private final Path file;

    Workflows(Home home) {
        file = home.portalSettings();
    }

    boolean approveApplications() throws IOException {
        return isOn("approve_applications");
    }

    boolean approveKeys() throws IOException {
        return isOn("approve_keys");
    }

    boolean approveDeletions() throws IOException {
        return isOn("approve_deletions");
    }

    List<String> tiers() throws IOException {
        List<String> tiers = new ArrayList<>(TIERS);
        if (isOn("unlimited_off")) {
            tiers.remove("Unlimited");
        }
        return tiers;
    }

    private boolean isOn(String name) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        TomlParseResult settings = Toml.parse(file);
        return Boolean.TRUE.equals(settings.getBoolean(name));
    }
}
