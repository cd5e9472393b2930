package carbonops.testbed.apim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wso2.carbon.apimgt.api.dto.KeyManagerConfigurationDTO;
import org.wso2.carbon.apimgt.impl.APIConstants;

/** A key manager as the product's classes read it from the database, its secrets decrypted. */
final class StoredKeyManager {

    private final KeyManagerConfigurationDTO configuration;
    private final long since;
    private boolean loaded;

    StoredKeyManager(KeyManagerConfigurationDTO configuration, long since) {
        this.configuration = configuration;
        this.since = since;
    }

    String uuid() {
        return configuration.getUuid();
    }

    String name() {
        return configuration.getName();
    }

    boolean isEnabled() {
        return configuration.isEnabled();
    }

    long since() {
        return since;
    }

    boolean isLoaded() {
        return loaded;
    }

    void markLoaded() {
        loaded = true;
    }

    boolean createsApplications() {
        Object flag = property(APIConstants.KeyManager.ENABLE_OAUTH_APP_CREATION);
        return flag == null || Boolean.parseBoolean(flag.toString());
    }

    String text(String property) {
        Object value = property(property);
        return value == null ? "" : value.toString();
    }

    List<String> missingEndpoints(ConnectorVersion connector) {
        if (!configuration.getType().equals(Is7Connector.TYPE)) {
            return List.of();
        }
        List<String> needed = new ArrayList<>(List.of(
                APIConstants.KeyManager.CLIENT_REGISTRATION_ENDPOINT, APIConstants.KeyManager.TOKEN_ENDPOINT,
                APIConstants.KeyManager.INTROSPECTION_ENDPOINT, APIConstants.KeyManager.USERINFO_ENDPOINT));
        if (connector.atLeast(ConnectorVersion.V2_1_3)) {
            needed.add(APIConstants.KeyManager.REVOKE_ENDPOINT);
        }
        if (connector.atLeast(ConnectorVersion.V2_0_3)) {
            needed.addAll(List.of(Is7Connector.API_RESOURCES, Is7Connector.ROLES));
        } else {
            needed.add(APIConstants.KeyManager.SCOPE_MANAGEMENT_ENDPOINT);
        }
        needed.removeIf(name -> !text(name).isBlank());
        return needed;
    }

    boolean sameAs(StoredKeyManager other) {
        return other != null && state().equals(other.state());
    }

    private String state() {
        Map<String, Object> properties = new TreeMap<>(configuration.getAdditionalProperties());
        return name() + isEnabled() + configuration.getType() + properties;
    }

    private Object property(String name) {
        return configuration.getAdditionalProperties().get(name);
    }
}
