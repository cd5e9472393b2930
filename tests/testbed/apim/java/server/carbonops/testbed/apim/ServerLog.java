package carbonops.testbed.apim;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/** Everything is logged to the console and to repository/logs/wso2carbon.log, in the product's line format. */
final class ServerLog {

    // java.util.logging holds its loggers weakly
    private static final List<Logger> KEPT = new ArrayList<>();

    private ServerLog() {
    }

    static void open(Home home) throws IOException {
        System.setProperty("org.apache.commons.logging.Log", "org.apache.commons.logging.impl.Jdk14Logger");
        LogManager.getLogManager().reset();
        Path file = home.logFile();
        Files.createDirectories(file.getParent());
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(handler(Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)));
        root.addHandler(handler(System.out));
        for (String chatty : new String[] {"org.apache.catalina", "org.apache.coyote", "org.apache.cxf", "org.hibernate"}) {
            keep(Logger.getLogger(chatty), Level.WARNING);
        }
        // the product writes this one to audit.log, with the connectors' passwords in clear
        keep(Logger.getLogger("AUDIT_LOG"), Level.OFF);
    }

    private static Handler handler(OutputStream stream) {
        StreamHandler handler = new StreamHandler(stream, new CarbonLogFormatter()) {
            @Override
            public synchronized void publish(LogRecord entry) {
                super.publish(entry);
                flush();
            }
        };
        handler.setLevel(Level.ALL);
        return handler;
    }

    private static void keep(Logger logger, Level level) {
        logger.setLevel(level);
        KEPT.add(logger);
    }
}
