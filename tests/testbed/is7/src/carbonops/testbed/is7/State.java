package carbonops.testbed.is7;

import java.util.LinkedHashMap;
import java.util.Map;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** What of a tenant outlives a restart. */
final class State {
    final Map<String, Client> clients = new LinkedHashMap<>();
    final Map<String, RefreshToken> refreshTokens = new LinkedHashMap<>();
    final Map<String, Long> revokedTokens = new LinkedHashMap<>();
    final Map<String, JsonObject> scopes = new LinkedHashMap<>();
    final Map<String, JsonObject> apiResources = new LinkedHashMap<>();
    final Map<String, JsonObject> roles = new LinkedHashMap<>();

    /** The API resource that has a scope of this name, or null. */
    JsonObject resourceWith(String scope) {
        return apiResources.values().stream().filter(resource -> scopeOf(resource, scope) != null).findFirst().orElse(null);
    }

    static JsonObject scopeOf(JsonObject resource, String name) {
        for (JsonElement scope : resource.getAsJsonArray("scopes")) {
            if (scope.getAsJsonObject().get("name").getAsString().equals(name)) {
                return scope.getAsJsonObject();
            }
        }
        return null;
    }
}
