package carbonops.testbed.is7;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

import com.google.gson.JsonObject;

/** Issues access tokens, and knows which ones are active. */
final class AccessTokens {
    static final long LIFETIME = 3600;

    private final Store store;
    private final Jwt jwt;
    private final ServerAddress address;

    AccessTokens(Store store, Jwt jwt, ServerAddress address) {
        this.store = store;
        this.jwt = jwt;
        this.address = address;
    }

    static Set<String> scopesOf(JsonObject claims) {
        return new HashSet<>(Arrays.asList(claims.get("scope").getAsString().split(" ")));
    }

    /** A token for the client alone when the user is null; {@code subject} is then the client's id. */
    String issue(Client client, String user, String subject, String scope, long lifetime) throws Exception {
        long now = Instant.now().getEpochSecond();
        JsonObject claims = new JsonObject();
        claims.addProperty("sub", subject);
        claims.addProperty("aut", user == null ? "APPLICATION" : "APPLICATION_USER");
        claims.addProperty("iss", address.issuer());
        claims.addProperty("client_id", client.id());
        claims.addProperty("aud", client.id());
        claims.addProperty("azp", client.id());
        claims.addProperty("nbf", now);
        claims.addProperty("iat", now);
        claims.addProperty("exp", now + lifetime);
        claims.addProperty("scope", scope);
        claims.addProperty("jti", UUID.randomUUID().toString());
        if (user != null) {
            claims.addProperty("username", user);
        }
        return jwt.sign(claims);
    }

    /** The claims of a token that is ours, not expired, not revoked, and whose client exists; otherwise null. */
    JsonObject active(String token) throws Exception {
        JsonObject claims = jwt.verify(token);
        if (claims == null || claims.get("exp").getAsLong() <= Instant.now().getEpochSecond()) {
            return null;
        }
        String id = claims.get("jti").getAsString();
        String client = claims.get("client_id").getAsString();
        boolean valid = store.read(state -> state.clients.containsKey(client) && !state.revokedTokens.containsKey(id));
        return valid ? claims : null;
    }

    void revoke(JsonObject claims) {
        long now = Instant.now().getEpochSecond();
        store.change(state -> {
            state.revokedTokens.values().removeIf(expires -> expires <= now);
            return state.revokedTokens.put(claims.get("jti").getAsString(), claims.get("exp").getAsLong());
        });
    }
}
