package carbonops.testbed.apim;

import java.util.List;
import org.wso2.carbon.apimgt.api.model.ConfigurationDto;
import org.wso2.carbon.apimgt.impl.DefaultKeyManagerConnectorConfiguration;

/** What the published connector of type WSO2-IS asks for, that of Identity Server before 7. */
final class OldIsConnector extends DefaultKeyManagerConnectorConfiguration {

    static final String TYPE = "WSO2-IS";

    @Override
    public String getType() {
        return TYPE;
    }

    @Override
    public String getDisplayName() {
        return "WSO2 Identity Server";
    }

    @Override
    public String getImplementation() {
        return "org.wso2.is.client.WSO2ISOAuthClient";
    }

    @Override
    public String getJWTValidator() {
        return null;
    }

    @Override
    public List<ConfigurationDto> getConnectionConfigurations() {
        return List.of(
                field("Username", "input", true, false, List.of()),
                field("Password", "input", true, true, List.of()),
                field("km_admin_as_app_owner", "select", false, false, List.of("Use as Application Owner")));
    }

    private static ConfigurationDto field(String name, String type, boolean required, boolean mask, List<?> values) {
        return new ConfigurationDto(name, name, type, name, "", required, mask, values, false);
    }
}
