package carbonops.testbed.apim;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.json.JSONArray;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.api.ExceptionCodes;

/** The developer portal's applications, in the product's own table. */
final class Applications {

    /** One application. */
    static final class Application {

        final int id;
        final String uuid;
        final String name;
        final String owner;
        final String status;
        private final String tier;
        private final String description;

        private Application(ResultSet row) throws SQLException {
            id = row.getInt("APPLICATION_ID");
            uuid = row.getString("UUID");
            name = row.getString("NAME");
            owner = row.getString("CREATED_BY");
            status = row.getString("APPLICATION_STATUS");
            tier = row.getString("APPLICATION_TIER");
            description = row.getString("DESCRIPTION");
        }

        JSONObject json() {
            return new JSONObject()
                    .put("applicationId", uuid)
                    .put("name", name)
                    .put("throttlingPolicy", tier)
                    .put("description", description)
                    .put("tokenType", "JWT")
                    .put("status", status)
                    .put("groups", new JSONArray())
                    .put("subscriptionCount", 0)
                    .put("keys", new JSONArray())
                    .put("attributes", new JSONObject())
                    .put("owner", owner);
        }
    }

    private final Database database;

    Applications(Database database) {
        this.database = database;
    }

    synchronized Application create(String name, String owner, String tier, String description, String status)
            throws SQLException, ApiException {
        if (!select("NAME = ? AND CREATED_BY = ?", name, owner).isEmpty()) {
            throw ApiException.of(ExceptionCodes.APPLICATION_ALREADY_EXISTS, "A duplicate application already exists by the name - " + name);
        }
        String uuid = UUID.randomUUID().toString();
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO AM_APPLICATION"
                        + " (UUID, NAME, CREATED_BY, APPLICATION_STATUS, ORGANIZATION, APPLICATION_TIER, DESCRIPTION, SUBSCRIBER_ID)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, 1)")) {
            insert.setString(1, uuid);
            insert.setString(2, name);
            insert.setString(3, owner);
            insert.setString(4, status);
            insert.setString(5, UserRealms.TENANT_DOMAIN);
            insert.setString(6, tier);
            insert.setString(7, description);
            insert.executeUpdate();
        }
        return get(uuid, owner);
    }

    Application get(String uuid, String owner) throws SQLException, ApiException {
        List<Application> found = select("UUID = ? AND CREATED_BY = ?", uuid, owner);
        if (found.isEmpty()) {
            throw ApiException.of(ExceptionCodes.APPLICATION_NOT_FOUND, "No application " + uuid);
        }
        return found.get(0);
    }

    List<Application> search(String query, String owner) throws SQLException {
        return select("LOWER(NAME) LIKE ? AND CREATED_BY = ?", "%" + query.toLowerCase(Locale.ROOT) + "%", owner);
    }

    void setStatus(Application application, String status) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement update = connection.prepareStatement("UPDATE AM_APPLICATION SET APPLICATION_STATUS = ? WHERE APPLICATION_ID = ?")) {
            update.setString(1, status);
            update.setInt(2, application.id);
            update.executeUpdate();
        }
    }

    void delete(Application application) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement delete = connection.prepareStatement("DELETE FROM AM_APPLICATION WHERE APPLICATION_ID = ?")) {
            delete.setInt(1, application.id);
            delete.executeUpdate();
        }
    }

    private List<Application> select(String condition, String first, String second) throws SQLException {
        List<Application> found = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement select = connection.prepareStatement("SELECT * FROM AM_APPLICATION WHERE " + condition + " ORDER BY NAME")) {
            select.setString(1, first);
            select.setString(2, second);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new Application(row));
                }
            }
        }
        return found;
    }
}
