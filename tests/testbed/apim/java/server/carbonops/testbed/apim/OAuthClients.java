package carbonops.testbed.apim;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;

/** The clients registered at this server itself. */
final class OAuthClients {

    /** One client. */
    static final class Client {

        final String id;
        final String secret;
        final String name;
        final String owner;
        final String callbackUrl;
        final String grantTypes;

        private Client(ResultSet row) throws SQLException {
            id = row.getString("CLIENT_ID");
            secret = row.getString("CLIENT_SECRET");
            name = row.getString("CLIENT_NAME");
            owner = row.getString("OWNER");
            callbackUrl = row.getString("CALLBACK_URL");
            grantTypes = row.getString("GRANT_TYPES");
        }
    }

    private final Database database;

    OAuthClients(Database database) {
        this.database = database;
    }

    /** One name of one owner is one client, however often it is registered. */
    synchronized Client register(String name, String owner, String callbackUrl, String grantTypes) throws SQLException {
        Client known = find("CLIENT_NAME = ? AND OWNER = ?", name, owner);
        if (known != null) {
            return known;
        }
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO TESTBED_CLIENT"
                        + " (CLIENT_ID, CLIENT_SECRET, CLIENT_NAME, OWNER, CALLBACK_URL, GRANT_TYPES) VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, random());
            insert.setString(2, random());
            insert.setString(3, name);
            insert.setString(4, owner);
            insert.setString(5, callbackUrl);
            insert.setString(6, grantTypes);
            insert.executeUpdate();
        }
        return find("CLIENT_NAME = ? AND OWNER = ?", name, owner);
    }

    /** Null when id and secret don't belong together. */
    Client authenticate(BasicCredentials credentials) throws SQLException {
        return credentials == null ? null : find("CLIENT_ID = ? AND CLIENT_SECRET = ?", credentials.name(), credentials.password());
    }

    private Client find(String condition, String first, String second) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement select = connection.prepareStatement("SELECT * FROM TESTBED_CLIENT WHERE " + condition)) {
            select.setString(1, first);
            select.setString(2, second);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? new Client(row) : null;
            }
        }
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 28);
    }
}
