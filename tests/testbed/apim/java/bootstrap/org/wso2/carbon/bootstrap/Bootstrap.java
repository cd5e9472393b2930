package org.wso2.carbon.bootstrap;

import carbonops.testbed.boot.LenientClassLoader;
import carbonops.testbed.boot.PidFile;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/** The class the kernel's start script runs; here it starts the test bed's server. */
public final class Bootstrap {

    private Bootstrap() {
    }

    public static void main(String[] arguments) throws Throwable {
        Path home = Path.of(System.getProperty("carbon.home"));
        PidFile.write(home);
        setProperties(arguments);
        ClassLoader loader = LenientClassLoader.of(home.resolve("repository/components"));
        Thread.currentThread().setContextClassLoader(loader);
        try {
            loader.loadClass("carbonops.testbed.apim.Server").getMethod("start", Path.class).invoke(null, home);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The script hands options over as arguments, after the class name. */
    private static void setProperties(String[] arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (argument.startsWith("-D") && equals > 2) {
                System.setProperty(argument.substring(2, equals), argument.substring(equals + 1));
            }
        }
    }
}
