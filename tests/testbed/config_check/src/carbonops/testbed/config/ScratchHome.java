package carbonops.testbed.config;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import carbonops.testbed.is7.AccessDecision;
import carbonops.testbed.is7.AccessRules;
import org.w3c.dom.Element;
import org.wso2.carbon.CarbonConstants;
import org.wso2.carbon.identity.auth.service.util.AuthConfigurationUtil;
import org.wso2.config.mapper.ConfigParser;

/** A server's home folder that holds rendered configuration only, and nothing of the file rendered before. */
final class ScratchHome {
    private final Path templates;
    private final Path home;

    ScratchHome(Path templates, Path home) {
        this.templates = templates;
        this.home = home;
        System.setProperty("carbon.home", home.toString());
        System.setProperty("carbon.config.dir.path", home.resolve("repository/conf").toString());
    }

    /** Renders the configuration as a booting server does. */
    void render(Path deploymentToml) throws Exception {
        delete(home);
        // The mapper's memory of what it rendered last; with it an unchanged file is not rendered again.
        delete(templates.resolve(".metadata"));
        Files.createDirectories(home.resolve("repository/conf"));
        ConfigParser.parse(deploymentToml.toString(), templates.toString(), home.toString());
    }

    /** Decides on every request after the first field, which is the file. */
    List<AccessDecision> decide(String[] fields) throws Exception {
        CarbonConstants.ENABLE_LEGACY_AUTHZ_RUNTIME = legacyAuthorization();
        forgetRules();
        AccessRules rules = new AccessRules();
        List<AccessDecision> decisions = new ArrayList<>();
        for (int i = 1; i < fields.length; i++) {
            String[] request = fields[i].split(" ", 2);
            decisions.add(rules.decide(request[0], request[1]));
        }
        return decisions;
    }

    /** The kernel reads this element of carbon.xml at boot. */
    private boolean legacyAuthorization() throws Exception {
        Path carbonXml = home.resolve("repository/conf/carbon.xml");
        Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(carbonXml.toFile()).getDocumentElement();
        return Boolean.parseBoolean(root.getElementsByTagName("EnableLegacyAuthzRuntime").item(0).getTextContent().trim());
    }

    /** The rules are a singleton that collects what it reads. */
    private static void forgetRules() throws ReflectiveOperationException {
        Constructor<AuthConfigurationUtil> constructor = AuthConfigurationUtil.class.getDeclaredConstructor();
        constructor.setAccessible(true);
        Field instance = AuthConfigurationUtil.class.getDeclaredField("authConfigurationUtil");
        instance.setAccessible(true);
        instance.set(null, constructor.newInstance());
    }

    private static void delete(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path path : (Iterable<Path>) walk.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(path);
            }
        }
    }
}
