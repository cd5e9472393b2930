package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts everything, in the order the product does. */
public final class Server {

    private static final Logger LOG = Logger.getLogger(Server.class.getName());

    private Server() {
    }

    public static void start(Path path) throws IOException {
        Home home = new Home(path);
        ServerLog.open(home);
        try {
            start(home);
        } catch (Exception | LinkageError e) {
            LOG.log(Level.SEVERE, "WSO2 Carbon could not start", e);
            System.exit(1);
        }
    }

    private static void start(Home home) throws Exception {
        long begin = System.currentTimeMillis();
        Deployment deployment = readDeployment(home);
        int port = deployment.httpsPort();
        TrustStore.makeDefault(home, deployment);

        Database database = new Database(deployment);
        Users users = new Users(deployment);
        Product.wire(home, deployment, database, users, port);
        KeyManagerRuntime runtime = new KeyManagerRuntime(deployment);
        runtime.start();

        WebServer web = new WebServer(home, deployment, port);
        web.addAdminApi(database);
        web.addOwnServlets(deployment, users, database, runtime);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(web, runtime, database)));
        web.start();
        LOG.info("WSO2 Carbon started in " + (System.currentTimeMillis() - begin + 999) / 1000 + " sec");
        web.await();
    }

    /** As the kernel does: the parse error in the log, the process gone, the pid file left behind. */
    private static Deployment readDeployment(Home home) {
        try {
            return Deployment.read(home.deploymentToml());
        } catch (Exception | StackOverflowError e) {
            LOG.log(Level.SEVERE, "Error while performing configuration changes", e);
            System.exit(1);
            throw new IllegalStateException(e);
        }
    }

    private static void stop(WebServer web, KeyManagerRuntime runtime, Database database) {
        LOG.info("Shutdown hook triggered....");
        runtime.stop();
        web.stop();
        database.close();
    }
}
