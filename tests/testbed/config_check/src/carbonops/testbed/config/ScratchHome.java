package carbonops.testbed.config;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import carbonops.testbed.is7.AccessDecision;
import carbonops.testbed.is7.AccessRules;
import net.consensys.cava.toml.Toml;
import org.w3c.dom.Element;
import org.wso2.carbon.CarbonConstants;
import org.wso2.carbon.identity.auth.service.util.AuthConfigurationUtil;
import org.wso2.config.mapper.ConfigParser;
import org.wso2.config.mapper.ServerReader;

/** A server's home folder that holds rendered configuration only, and nothing of the file rendered before. */
final class ScratchHome {
    private static final Pattern ACCESS_RULES = Pattern.compile("<ResourceAccessControl.*?</ResourceAccessControl>", Pattern.DOTALL);

    private final Path templates;
    private final Path home;

    ScratchHome(Path templates, Path home) {
        this.templates = templates;
        this.home = home;
        System.setProperty("carbon.home", home.toString());
        System.setProperty("carbon.config.dir.path", home.resolve("repository/conf").toString());
    }

    /** Reads a file as a booting server does. */
    Map<String, Object> read(Path deploymentToml) throws Exception {
        forgetEmptyTable();
        return ServerReader.read(deploymentToml);
    }

    /** Renders the configuration as a booting server does. */
    void render(Path deploymentToml) throws Exception {
        forgetEmptyTable();
        delete(home);
        // The mapper's memory of what it rendered last; with it an unchanged file is not rendered again.
        delete(templates.resolve(".metadata"));
        Files.createDirectories(home.resolve("repository/conf"));
        ConfigParser.parse(deploymentToml.toString(), templates.toString(), home.toString());
    }

    /** Decides on requests like "GET /scim2/Me". */
    List<AccessDecision> decide(List<String> requests) throws Exception {
        CarbonConstants.ENABLE_LEGACY_AUTHZ_RUNTIME = legacyAuthorization();
        forgetRules();
        AccessRules rules = new AccessRules();
        List<AccessDecision> decisions = new ArrayList<>();
        for (String line : requests) {
            String[] request = line.split(" ", 2);
            decisions.add(rules.decide(request[0], request[1]));
        }
        return decisions;
    }

    /** One digest of all settings and of every file that was rendered, the access rules apart. */
    String digestOfTheRest() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Map<String, Object> settings = new TreeMap<>(ConfigParser.getParsedConfigs());
        settings.remove("resource.access_control");
        digest.update(settings.toString().getBytes(StandardCharsets.UTF_8));
        for (Path file : below(home.resolve("repository/conf"))) {
            if (Files.isRegularFile(file)) {
                String text = ACCESS_RULES.matcher(Files.readString(file)).replaceAll("");
                digest.update((home.relativize(file) + "\0" + text).getBytes(StandardCharsets.UTF_8));
            }
        }
        return String.format("%064x", new BigInteger(1, digest.digest()));
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

    /** The reader has one empty inline table for all files; what a file adds to it would be in each that is read after it. */
    private static void forgetEmptyTable() throws ReflectiveOperationException {
        Object empty = Toml.parse("x = {}").get("x");
        Field properties = empty.getClass().getDeclaredField("properties");
        properties.setAccessible(true);
        ((Map<?, ?>) properties.get(empty)).clear();
        Field implicit = empty.getClass().getDeclaredField("implicitlyDefined");
        implicit.setAccessible(true);
        implicit.set(empty, true);
    }

    private static void delete(Path root) throws IOException {
        List<Path> paths = below(root);
        Collections.reverse(paths);
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /** The folder and what is in it, in order, a folder before its content; nothing where it is not there. */
    private static List<Path> below(Path root) throws IOException {
        if (!Files.exists(root)) {
            return new ArrayList<>();
        }
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.sorted().collect(Collectors.toCollection(ArrayList::new));
        }
    }
}
