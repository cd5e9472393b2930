package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Makes the home's truststore the one of the JVM. */
final class TrustStore {

    private TrustStore() {
    }

    static void makeDefault(Home home, Deployment deployment) throws IOException {
        Path store = home.security(deployment.text("truststore.file_name", "client-truststore.jks"));
        if (Files.exists(store) && deployment.text("testbed.truststore", "boot").equals("boot")) {
            store = copy(store, home.temporary("truststore-at-boot"));
        }
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStoreType", deployment.text("truststore.type", "JKS"));
        System.setProperty("javax.net.ssl.trustStorePassword", deployment.text("truststore.password", "wso2carbon"));
    }

    /** The 4.7 classes read the file again for every new client; older ones read it once, which asks more of an operator. */
    private static Path copy(Path store, Path copy) throws IOException {
        Files.createDirectories(copy.getParent());
        return Files.copy(store, copy, StandardCopyOption.REPLACE_EXISTING);
    }
}
