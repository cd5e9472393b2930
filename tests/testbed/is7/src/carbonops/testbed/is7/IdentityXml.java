package carbonops.testbed.is7;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** identity.xml, which the configuration mapper has rendered from deployment.toml when the server booted. */
final class IdentityXml {
    private final Element root;

    private IdentityXml(Element root) {
        this.root = root;
    }

    static IdentityXml read(String carbonHome) {
        Path file = Path.of(carbonHome, "repository", "conf", "identity", "identity.xml");
        try {
            return new IdentityXml(DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile()).getDocumentElement());
        } catch (Exception unreadable) {
            throw new IllegalStateException(file + " cannot be read", unreadable);
        }
    }

    /** Whether the first element of this name says true. */
    boolean says(String name) {
        List<Element> found = elements(root, name);
        return !found.isEmpty() && Boolean.parseBoolean(found.get(0).getTextContent().trim());
    }

    List<Element> elements(String name) {
        return elements(root, name);
    }

    static List<Element> elements(Element within, String name) {
        NodeList nodes = within.getElementsByTagName(name);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            found.add((Element) nodes.item(i));
        }
        return found;
    }

    static List<String> texts(Element within, String name) {
        List<String> found = new ArrayList<>();
        elements(within, name).forEach(element -> found.add(element.getTextContent().trim()));
        return found;
    }
}
