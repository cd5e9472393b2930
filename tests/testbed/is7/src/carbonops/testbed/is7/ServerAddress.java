package carbonops.testbed.is7;

import org.wso2.carbon.utils.CarbonUtils;
import org.wso2.carbon.utils.ConfigurationContextService;

/** The address that the server states for one of its tenants: the configured host name, the port with its offset or the proxy's. */
final class ServerAddress {
    private static final int HTTPS = 443;
    private static final String ISSUER = "/oauth2/token";

    private final ConfigurationContextService transports;
    private final Tenant tenant;

    ServerAddress(ConfigurationContextService transports, Tenant tenant) {
        this.transports = transports;
        this.tenant = tenant;
    }

    ServerAddress of(Tenant other) {
        return new ServerAddress(transports, other);
    }

    String url(String path) {
        return root() + tenant.prefix() + path;
    }

    String issuer() {
        return url(ISSUER);
    }

    /** The path of a URL of this server, or nothing when it is another's. */
    String pathOf(String url) {
        return url.startsWith(root()) ? url.substring(root().length()) : "";
    }

    private String root() {
        String host = CarbonUtils.getServerConfiguration().getFirstProperty("HostName");
        int port = port();
        return "https://" + host + (port == HTTPS ? "" : ":" + port);
    }

    private int port() {
        int proxy = CarbonUtils.getTransportProxyPort(transports.getServerConfigContext(), "https");
        return proxy > 0 ? proxy : CarbonUtils.getTransportPort(transports, "https");
    }
}
