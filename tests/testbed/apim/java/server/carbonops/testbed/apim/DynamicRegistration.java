package carbonops.testbed.apim;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.HttpsURLConnection;
import org.json.JSONArray;
import org.json.JSONObject;

/** Creates and deletes OAuth clients at the identity server, as the connector does. */
final class DynamicRegistration {

    private static final int TIMEOUT_MILLIS = 15000;

    private final StoredKeyManager keyManager;

    DynamicRegistration(StoredKeyManager keyManager) {
        this.keyManager = keyManager;
    }

    JSONObject register(String name, JSONArray grantTypes, String callbackUrl) throws IOException {
        JSONObject client = new JSONObject()
                .put("client_name", name)
                .put("grant_types", grantTypes)
                .put("token_type_extension", "JWT");
        if (!callbackUrl.isBlank()) {
            client.put("redirect_uris", new JSONArray().put(callbackUrl));
        }
        return new JSONObject(send("POST", endpoint(), client.toString()));
    }

    void delete(String clientId) throws IOException {
        send("DELETE", endpoint() + "/" + clientId, null);
    }

    private String endpoint() {
        return keyManager.text("client_registration_endpoint");
    }

    private String send(String method, String url, String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
        if (connection instanceof HttpsURLConnection) {
            // API Manager is shipped with -Dhttpclient.hostnameVerifier=AllowAll
            ((HttpsURLConnection) connection).setHostnameVerifier((host, session) -> true);
        }
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod(method);
        if (!keyManager.text(Is7Connector.AUTHENTICATION).equals(Is7Connector.MUTUAL_TLS)) {
            connection.setRequestProperty("Authorization",
                    BasicCredentials.header(keyManager.text(Is7Connector.USERNAME), keyManager.text(Is7Connector.PASSWORD)));
        }
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        if (status / 100 != 2) {
            throw new IOException(method + " " + url + " answered " + status);
        }
        try (InputStream stream = connection.getInputStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
