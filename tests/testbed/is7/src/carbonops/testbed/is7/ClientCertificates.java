package carbonops.testbed.is7;

import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.w3c.dom.Element;

/**
 * Which user a client's certificate stands for, by [client_certificate_based_authentication].
 *
 * As the published source of the real handler: a certificate that is presented comes before any Authorization header;
 * the first mapping of its issuer and thumbprint counts, or the first of its issuer for all thumbprints.
 */
final class ClientCertificates {
    private static final String ANY = "*";

    private static final class Mapping {
        private final String issuer;
        private final String thumbprint;
        private final List<String> users;

        private Mapping(Element element, String user) {
            issuer = String.join("", IdentityXml.texts(element, "TrustedIssuer"));
            thumbprint = String.join("", IdentityXml.texts(element, "CertThumbprint"));
            users = IdentityXml.texts(element, user);
        }
    }

    private final boolean enabled;
    private final List<Mapping> ofUsers;
    private final List<Mapping> ofSystems;

    ClientCertificates(IdentityXml configuration) {
        List<Element> found = configuration.elements("ClientCertBasedAuthentication");
        enabled = !found.isEmpty() && Boolean.parseBoolean(found.get(0).getAttribute("enable"));
        ofUsers = mappings(found, "UserThumbprintMappings", "AllowedUsername");
        ofSystems = mappings(found, "SystemThumbprintMappings", "AllowedSystemUser");
    }

    boolean decideOn(X509Certificate certificate) {
        return enabled && certificate != null;
    }

    /** The user that the header names, if the certificate may stand for it; without a header the certificate's own; or null. */
    String userOf(X509Certificate certificate, String header) throws Exception {
        boolean named = header != null && !header.isEmpty();
        Mapping mapping = find(named ? ofUsers : ofSystems, certificate);
        if (mapping == null) {
            return null;
        }
        if (!named) {
            return mapping.users.contains(ANY) ? null : mapping.users.get(0);
        }
        boolean allowed = mapping.users.contains(ANY) || mapping.users.stream().anyMatch(header::equalsIgnoreCase);
        return allowed ? header : null;
    }

    private static Mapping find(List<Mapping> mappings, X509Certificate certificate) throws Exception {
        String issuer = certificate.getIssuerDN().getName();
        String thumbprint = thumbprint(certificate);
        List<Mapping> ofIssuer = mappings.stream().filter(mapping -> sameName(issuer, mapping.issuer)).collect(Collectors.toList());
        return ofIssuer.stream().filter(mapping -> thumbprint.equalsIgnoreCase(mapping.thumbprint)).findFirst()
                .orElseGet(() -> ofIssuer.stream().filter(mapping -> ANY.equals(mapping.thumbprint)).findFirst().orElse(null));
    }

    /** SHA-256 in upper case, each byte parted by a colon. */
    private static String thumbprint(X509Certificate certificate) throws Exception {
        List<String> bytes = new ArrayList<>();
        for (byte one : MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())) {
            bytes.add(String.format("%02X", one));
        }
        return String.join(":", bytes);
    }

    private static boolean sameName(String one, String other) {
        return !other.isEmpty() && sorted(one).equals(sorted(other));
    }

    /** The parts of a distinguished name, cut at every comma as the real handler does, in one order. */
    private static List<String> sorted(String name) {
        return Arrays.stream(name.split(",")).map(ClientCertificates::part).sorted().collect(Collectors.toList());
    }

    private static String part(String text) {
        String[] sides = text.trim().split("=", 2);
        return sides.length == 2 ? sides[0].trim().toUpperCase(Locale.ROOT) + "=" + sides[1].trim() : sides[0];
    }

    private static List<Mapping> mappings(List<Element> configuration, String kind, String user) {
        if (configuration.isEmpty()) {
            return Collections.emptyList();
        }
        return IdentityXml.elements(configuration.get(0), kind).stream()
                .flatMap(element -> IdentityXml.elements(element, "Mapping").stream())
                .map(element -> new Mapping(element, user))
                .collect(Collectors.toList());
    }
}
