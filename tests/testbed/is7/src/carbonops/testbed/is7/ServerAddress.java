package carbonops.testbed.is7;

import org.wso2.carbon.utils.CarbonUtils;
import org.wso2.carbon.utils.ConfigurationContextService;

/** The server's address as it states it: the configured host name, and the port with its offset or the proxy's. */
final class ServerAddress {
    private static final int HTTPS = 443;

    private final ConfigurationContextService transports;

    ServerAddress(ConfigurationContextService transports) {
        this.transports = transports;
    }

    String url(String path) {
        String host = CarbonUtils.getServerConfiguration().getFirstProperty("HostName");
        int port = port();
        return "https://" + host + (port == HTTPS ? "" : ":" + port) + path;
    }

    String issuer() {
        return url("/oauth2/token");
    }

    private int port() {
        int proxy = CarbonUtils.getTransportProxyPort(transports.getServerConfigContext(), "https");
        return proxy > 0 ? proxy : CarbonUtils.getTransportPort(transports, "https");
    }
}
