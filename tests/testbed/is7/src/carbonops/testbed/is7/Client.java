package carbonops.testbed.is7;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** A registered OAuth2 client: its id, its secret, and what its registration says. */
final class Client {
    private final String id;
    private final String secret;
    private final JsonObject metadata;

    Client(String id, String secret, JsonObject metadata) {
        this.id = id;
        this.secret = secret;
        this.metadata = metadata;
    }

    String id() {
        return id;
    }

    String secret() {
        return secret;
    }

    String name() {
        return metadata.get("client_name").getAsString();
    }

    boolean mayUse(String grantType) {
        JsonArray grants = metadata.getAsJsonArray("grant_types");
        return grants != null && grants.contains(new JsonPrimitive(grantType));
    }

    /** The seconds in a field of the registration; none, or 0, leave it to the server. */
    long lifetime(String field, long otherwise) {
        boolean given = metadata.has(field) && metadata.get(field).isJsonPrimitive();
        long seconds = given ? metadata.get(field).getAsLong() : 0;
        return seconds > 0 ? seconds : otherwise;
    }

    JsonObject toJson() {
        JsonObject json = metadata.deepCopy();
        json.addProperty("client_id", id);
        json.addProperty("client_secret", secret);
        json.addProperty("client_secret_expires_at", 0);
        return json;
    }
}
