package carbonops.testbed.is7;

import java.util.LinkedHashMap;
import java.util.Map;

import com.google.gson.JsonObject;

/** What outlives a restart. */
final class State {
    final Map<String, Client> clients = new LinkedHashMap<>();
    final Map<String, RefreshToken> refreshTokens = new LinkedHashMap<>();
    final Map<String, Long> revokedTokens = new LinkedHashMap<>();
    final Map<String, JsonObject> scopes = new LinkedHashMap<>();
    final Map<String, JsonObject> apiResources = new LinkedHashMap<>();
}
