package carbonops.testbed.apim;

import java.io.IOException;
import java.net.HttpURLConnection;
import org.json.JSONArray;
import org.json.JSONObject;

/** Creates and deletes OAuth clients at the identity server, as the connector does. */
final class DynamicRegistration {

    private static final int TIMEOUT_MILLIS = 15000;

    private final ConnectorConnection connections;
    private final ConnectorVersion version;

    DynamicRegistration(ConnectorConnection connections, ConnectorVersion version) {
        this.connections = connections;
        this.version = version;
    }

    /** The client of an application and key type; a lifetime of 0 leaves it to the identity server. */
    JSONObject register(StoredKeyManager keyManager, Applications.Application application, String keyType, JSONArray grantTypes,
            String callbackUrl) throws IOException {
        JSONObject client = new JSONObject()
                .put("client_name", application.owner.replace("@", "-AT-") + "_" + application.uuid + "_" + keyType)
                .put("ext_application_display_name", application.name)
                .put("grant_types", grantTypes)
                .put("token_type_extension", "JWT")
                .put("ext_refresh_token_lifetime", 0)
                .put("ext_id_token_lifetime", 0)
                .put("ext_pkce_mandatory", false)
                .put("ext_pkce_support_plain", false)
                .put("ext_public_client", false);
        if (version.atLeast(ConnectorVersion.V2_0_3)) {
            client.put("ext_allowed_audience", "organization");
        }
        if (!callbackUrl.isBlank()) {
            client.put("redirect_uris", new JSONArray().put(callbackUrl));
        }
        return new JSONObject(send(keyManager, "POST", endpoint(keyManager), client.toString()));
    }

    void delete(StoredKeyManager keyManager, String clientId) throws IOException {
        send(keyManager, "DELETE", endpoint(keyManager) + "/" + clientId, null);
    }

    private static String endpoint(StoredKeyManager keyManager) {
        return keyManager.text("client_registration_endpoint");
    }

    private String send(StoredKeyManager keyManager, String method, String url, String body) throws IOException {
        HttpURLConnection connection = connections.open(url, keyManager);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod(method);
        return ConnectorConnection.send(connection, body);
    }
}
