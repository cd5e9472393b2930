package carbonops.testbed.apim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.wso2.carbon.apimgt.api.model.ConfigurationDto;
import org.wso2.carbon.apimgt.api.model.KeyManagerConnectorConfiguration;

/** What the connector of type WSO2-IS-7 asks for. Ours: Maven Central lacks the real connector. */
final class Is7Connector implements KeyManagerConnectorConfiguration {

    static final String TYPE = "WSO2-IS-7";
    static final String AUTHENTICATION = "Authentication";
    static final String BASIC_AUTH = "BasicAuth";
    static final String MUTUAL_TLS = "MutualTLS";
    static final String USERNAME = "Username";
    static final String PASSWORD = "Password";
    static final String API_RESOURCES = "api_resource_management_endpoint";
    static final String ROLES = "is7_roles_endpoint";
    private static final String MUTUAL_TLS_OPTIONS = "MutualTLSOptions";
    static final String IDENTITY_USER = "IdentityUser";

    private final ConnectorVersion version;

    Is7Connector(ConnectorVersion version) {
        this.version = version;
    }

    @Override
    public String getType() {
        return TYPE;
    }

    @Override
    public String getDisplayName() {
        return "WSO2 Identity Server 7";
    }

    @Override
    public String getImplementation() {
        return "org.wso2.is7.client.WSO2IS7KeyManager";
    }

    @Override
    public String getJWTValidator() {
        return "org.wso2.carbon.apimgt.impl.jwt.JWTValidatorImpl";
    }

    @Override
    public String getDefaultScopesClaim() {
        return "scope";
    }

    @Override
    public String getDefaultConsumerKeyClaim() {
        return "azp";
    }

    @Override
    public List<ConfigurationDto> getApplicationConfigurations() {
        return Is7ApplicationFields.all();
    }

    @Override
    public List<ConfigurationDto> getConnectionConfigurations() {
        List<ConfigurationDto> fields = new ArrayList<>();
        if (!authenticationIsChosen()) {
            fields.addAll(credentials());
        }
        if (version.atLeast(ConnectorVersion.V2_0_3)) {
            fields.add(required(API_RESOURCES, "WSO2 Identity Server 7 API Resource Management Endpoint"));
            fields.add(required(ROLES, "WSO2 Identity Server 7 Roles Endpoint"));
        }
        if (version.atLeast(ConnectorVersion.V2_0_4)) {
            fields.add(checkbox("enable_roles_creation", "Create roles in WSO2 Identity Server 7"));
        }
        if (authenticationIsChosen()) {
            fields.add(checkbox("user_schema_cache_enabled", "Enable User Schema Caching"));
        }
        return fields;
    }

    @Override
    public List<ConfigurationDto> getAuthConfigurations() {
        if (!authenticationIsChosen()) {
            return List.of();
        }
        ConfigurationDto serverWide = choice("ServerWide", "Server-Wide Certificate", List.of(), false);
        ConfigurationDto certificate = field("TenantWideCertificate", "Add a new certificate", "certificate", "", true, false, List.of(), false);
        ConfigurationDto tenantWide = choice("TenantWide", "Tenant-Wide Certificate", List.of(certificate), false);
        ConfigurationDto options = field(MUTUAL_TLS_OPTIONS, "Select a Certificate Type", "options", "", true, false,
                List.of(serverWide, tenantWide), false);
        ConfigurationDto basicAuth = choice(BASIC_AUTH, "Basic Authentication", credentials(), true);
        ConfigurationDto mutualTls = choice(MUTUAL_TLS, "MTLS Authentication",
                List.of(required(IDENTITY_USER, "Identity Username"), options), true);
        return List.of(field(AUTHENTICATION, "Authentication Type", "dropdown", BASIC_AUTH, true, false, List.of(basicAuth, mutualTls), false));
    }

    /** Only the chosen way to authenticate is looked at; like the real one, an absent user name is not an empty one. */
    @Override
    public List<String> validateAuthConfigurations(Map<String, Object> properties) {
        List<String> missing = new ArrayList<>();
        if (BASIC_AUTH.equals(properties.get(AUTHENTICATION))) {
            for (String name : List.of(USERNAME, PASSWORD)) {
                if (properties.get(name).toString().isEmpty()) {
                    missing.add(name);
                }
            }
        }
        if (MUTUAL_TLS.equals(properties.get(AUTHENTICATION))) {
            for (String name : List.of(MUTUAL_TLS_OPTIONS, IDENTITY_USER)) {
                if (properties.get(name) == null || properties.get(name).toString().isEmpty()) {
                    missing.add(name);
                }
            }
        }
        return missing;
    }

    /** Key managers stored by an older connector have no such property. */
    @Override
    public void processConnectorConfigurations(Map<String, Object> properties) {
        if (authenticationIsChosen()) {
            properties.putIfAbsent(AUTHENTICATION, BASIC_AUTH);
        }
    }

    private boolean authenticationIsChosen() {
        return version.atLeast(ConnectorVersion.V2_0_8);
    }

    private static List<ConfigurationDto> credentials() {
        return List.of(required(USERNAME, "Username"), field(PASSWORD, "Password", "input", "", true, true, List.of(), false));
    }

    private static ConfigurationDto required(String name, String label) {
        return field(name, label, "input", "", true, false, List.of(), false);
    }

    private static ConfigurationDto checkbox(String name, String label) {
        return field(name, label, "checkbox", "Enable", false, false, List.of("Enable"), false);
    }

    private static ConfigurationDto choice(String name, String label, List<ConfigurationDto> values, boolean multiple) {
        return field(name, label, "labelOnly", "", false, false, values, multiple);
    }

    private static ConfigurationDto field(
            String name, String label, String type, Object value, boolean required, boolean mask, List<?> values, boolean multiple) {
        return new ConfigurationDto(name, label, type, label, value, required, mask, values, multiple);
    }
}
