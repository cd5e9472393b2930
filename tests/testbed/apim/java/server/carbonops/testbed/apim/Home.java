package carbonops.testbed.apim;

import java.nio.file.Path;

/** The folders of one carbon home. */
final class Home {

    private final Path path;

    Home(Path path) {
        this.path = path;
    }

    Path deploymentToml() {
        return path.resolve("repository/conf/deployment.toml");
    }

    /** The test bed's own: what an administrator sets while the server runs. */
    Path portalSettings() {
        return path.resolve("repository/conf/testbed-portal.toml");
    }

    Path security(String fileName) {
        return path.resolve("repository/resources/security").resolve(fileName);
    }

    Path logs() {
        return path.resolve("repository/logs");
    }

    Path logFile() {
        return logs().resolve("wso2carbon.log");
    }

    Path adminWebapp() {
        return path.resolve("repository/deployment/server/webapps/api#am#admin");
    }

    Path temporary(String fileName) {
        return path.resolve("tmp").resolve(fileName);
    }
}
