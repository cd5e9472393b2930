package carbonops.testbed.apim;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/** How a connector signs in to its identity server: by name and password, or by API Manager's certificate. */
final class ConnectorConnection {

    private static final String USER_HEADER = "WSO2-Identity-User";
    private static final String PRIMARY = "keystore.primary";

    private final Home home;
    private final Deployment deployment;

    ConnectorConnection(Home home, Deployment deployment) {
        this.home = home;
        this.deployment = deployment;
    }

    HttpURLConnection open(String url, StoredKeyManager keyManager) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
        if (keyManager.text(Is7Connector.AUTHENTICATION).equals(Is7Connector.MUTUAL_TLS)) {
            connection.setRequestProperty(USER_HEADER, keyManager.text(Is7Connector.IDENTITY_USER));
            presentCertificate(connection);
        } else {
            connection.setRequestProperty("Authorization",
                    BasicCredentials.header(keyManager.text(Is7Connector.USERNAME), keyManager.text(Is7Connector.PASSWORD)));
            trustAnyName(connection);
        }
        return connection;
    }

    /** API Manager is shipped with -Dhttpclient.hostnameVerifier=AllowAll, which does not hold for mutual TLS. */
    private static void trustAnyName(HttpURLConnection connection) {
        if (connection instanceof HttpsURLConnection) {
            ((HttpsURLConnection) connection).setHostnameVerifier((host, session) -> true);
        }
    }

    private void presentCertificate(HttpURLConnection connection) throws IOException {
        if (connection instanceof HttpsURLConnection) {
            ((HttpsURLConnection) connection).setSSLSocketFactory(ownCertificate());
        }
    }

    /** That of the primary key store, whatever [keystore.tls] says; its key must have the store's password. */
    private SSLSocketFactory ownCertificate() throws IOException {
        char[] password = deployment.text(PRIMARY + ".password", "wso2carbon").toCharArray();
        try (InputStream file = Files.newInputStream(home.security(deployment.text(PRIMARY + ".file_name", "wso2carbon.jks")))) {
            KeyStore store = KeyStore.getInstance(deployment.text(PRIMARY + ".type", "JKS"));
            store.load(file, password);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("Error while initializing SSL context for mutual TLS", e);
        }
    }

    /** Sends JSON and returns what was answered. */
    static String send(HttpURLConnection connection, String body) throws IOException {
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        if (status / 100 != 2) {
            throw new IOException(connection.getRequestMethod() + " " + connection.getURL() + " answered " + status);
        }
        try (InputStream stream = connection.getInputStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
