package carbonops.testbed.apim;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.json.JSONArray;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.api.ExceptionCodes;

/** Which application has which OAuth client at which key manager, in the product's own table. */
final class KeyMappings {

    /** One row; without a client when its creation failed half-way. */
    static final class KeyMapping {

        final String uuid;
        final String consumerKey;
        final String keyType;
        final String keyManager;
        private final String state;
        private final JSONObject client;

        private KeyMapping(ResultSet row) throws SQLException {
            uuid = row.getString("UUID");
            consumerKey = row.getString("CONSUMER_KEY");
            keyType = row.getString("KEY_TYPE");
            keyManager = row.getString("KEY_MANAGER");
            state = row.getString("STATE").equals("COMPLETED") ? Workflows.APPROVED : row.getString("STATE");
            byte[] information = row.getBytes("APP_INFO");
            client = information == null ? new JSONObject() : new JSONObject(new String(information, StandardCharsets.UTF_8));
        }

        JSONObject json(String keyManagerName) {
            return new JSONObject()
                    .put("keyMappingId", uuid)
                    .put("keyManager", keyManagerName)
                    .put("consumerKey", consumerKey == null ? JSONObject.NULL : consumerKey)
                    .put("consumerSecret", client.opt("client_secret"))
                    .put("supportedGrantTypes", client.optJSONArray("grant_types"))
                    .put("callbackUrl", client.opt("callback_url"))
                    .put("keyState", state)
                    .put("keyType", keyType)
                    .put("mode", "CREATED")
                    .put("groupId", JSONObject.NULL)
                    .put("token", JSONObject.NULL)
                    .put("additionalProperties", new JSONObject());
        }
    }

    private final Database database;

    KeyMappings(Database database) {
        this.database = database;
    }

    /** The product notes the mapping before it asks the key manager, and leaves the note when that fails. */
    synchronized void begin(int application, String keyType, String keyManager) throws SQLException, ApiException {
        insert(application, keyType, keyManager, "COMPLETED");
    }

    /** Without a client: an administrator has to approve it first. */
    synchronized KeyMapping await(int application, String keyType, String keyManager) throws SQLException, ApiException {
        insert(application, keyType, keyManager, Workflows.CREATED);
        return find(application, keyType, keyManager);
    }

    private void insert(int application, String keyType, String keyManager, String state) throws SQLException, ApiException {
        if (find(application, keyType, keyManager) != null) {
            throw ApiException.of(ExceptionCodes.KEY_MAPPING_ALREADY_EXIST, "Key Mappings already exists for application " + application);
        }
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO AM_APPLICATION_KEY_MAPPING"
                        + " (UUID, APPLICATION_ID, KEY_TYPE, STATE, KEY_MANAGER, CREATE_MODE) VALUES (?, ?, ?, ?, ?, 'CREATED')")) {
            insert.setString(1, UUID.randomUUID().toString());
            insert.setInt(2, application);
            insert.setString(3, keyType);
            insert.setString(4, state);
            insert.setString(5, keyManager);
            insert.executeUpdate();
        }
    }

    KeyMapping complete(int application, String keyType, String keyManager, JSONObject client) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement update = connection.prepareStatement("UPDATE AM_APPLICATION_KEY_MAPPING"
                        + " SET CONSUMER_KEY = ?, APP_INFO = ? WHERE APPLICATION_ID = ? AND KEY_TYPE = ? AND KEY_MANAGER = ?")) {
            update.setString(1, client.getString("client_id"));
            update.setBytes(2, client.toString().getBytes(StandardCharsets.UTF_8));
            update.setInt(3, application);
            update.setString(4, keyType);
            update.setString(5, keyManager);
            update.executeUpdate();
        }
        return find(application, keyType, keyManager);
    }

    List<KeyMapping> of(int application) throws SQLException {
        List<KeyMapping> found = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement select = connection.prepareStatement("SELECT * FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ?")) {
            select.setInt(1, application);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new KeyMapping(row));
                }
            }
        }
        return found;
    }

    private KeyMapping find(int application, String keyType, String keyManager) throws SQLException {
        for (KeyMapping mapping : of(application)) {
            if (mapping.keyType.equals(keyType) && mapping.keyManager.equals(keyManager)) {
                return mapping;
            }
        }
        return null;
    }

    static JSONObject client(String id, String secret, JSONArray grantTypes, String callbackUrl) {
        return new JSONObject()
                .put("client_id", id)
                .put("client_secret", secret)
                .put("grant_types", grantTypes)
                .put("callback_url", callbackUrl);
    }
}
