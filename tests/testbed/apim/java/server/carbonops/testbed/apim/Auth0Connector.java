package carbonops.testbed.apim;

import java.util.List;
import org.wso2.carbon.apimgt.api.model.ConfigurationDto;
import org.wso2.carbon.apimgt.api.model.KeyManagerConnectorConfiguration;

/** What the published connector of another product asks for. The endpoints are those of the interface, as in the real one. */
final class Auth0Connector implements KeyManagerConnectorConfiguration {

    static final String TYPE = "Auth0";

    @Override
    public String getType() {
        return TYPE;
    }

    @Override
    public String getImplementation() {
        return "org.wso2.auth0.client.Auth0OAuthClient";
    }

    @Override
    public String getJWTValidator() {
        return null;
    }

    @Override
    public List<ConfigurationDto> getApplicationConfigurations() {
        return List.of();
    }

    @Override
    public List<ConfigurationDto> getConnectionConfigurations() {
        return List.of(field("client_id", false), field("client_secret", true), field("audience", false));
    }

    private static ConfigurationDto field(String name, boolean mask) {
        return new ConfigurationDto(name, name, "input", name, "", true, mask, List.of(), false);
    }
}
