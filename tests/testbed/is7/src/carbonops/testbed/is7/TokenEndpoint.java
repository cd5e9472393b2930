package carbonops.testbed.is7;

import java.time.Instant;
import java.util.UUID;

import com.google.gson.JsonObject;

/** Issues tokens for the grants client_credentials, password and refresh_token. */
final class TokenEndpoint implements Endpoint {
    private static final long REFRESH_LIFETIME = 86400;

    private final Store store;
    private final ClientAuthentication clients;
    private final Users users;
    private final AccessTokens tokens;

    TokenEndpoint(Store store, ClientAuthentication clients, Users users, AccessTokens tokens) {
        this.store = store;
        this.clients = clients;
        this.users = users;
        this.tokens = tokens;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        Client client = clients.clientOf(request);
        String grant = required(request, "grant_type");
        if (!Discovery.GRANT_TYPES.contains(grant)) {
            throw new Refusal(400, "unsupported_grant_type", "Unsupported grant_type value");
        }
        if (!client.mayUse(grant)) {
            String text = "The authenticated client is not authorized to use this authorization grant type";
            throw new Refusal(400, "unauthorized_client", text);
        }
        switch (grant) {
            case "client_credentials":
                return clientCredentials(request, client);
            case "password":
                return password(request, client);
            case "refresh_token":
                return refresh(request, client);
            default:
                throw new Refusal(400, "unsupported_grant_type", "The test bed does not serve " + grant);
        }
    }

    private Answer clientCredentials(Request request, Client client) throws Exception {
        long lifetime = client.lifetime("ext_application_token_lifetime", AccessTokens.LIFETIME);
        String scope = scopeOf(request);
        return answer(tokens.issue(client, null, client.id(), scope, lifetime), scope, lifetime, null);
    }

    private Answer password(Request request, Client client) throws Exception {
        Credentials credentials = new Credentials(required(request, "username"), required(request, "password"));
        Caller user = users.authenticate(credentials);
        if (user == null) {
            throw new Refusal(400, "invalid_grant", "Authentication failed for " + credentials.name);
        }
        return forUser(client, user.name(), scopeOf(request));
    }

    private Answer refresh(Request request, Client client) throws Exception {
        String given = required(request, "refresh_token");
        RefreshToken token = store.change(state -> {
            RefreshToken known = state.refreshTokens.get(given);
            boolean usable = known != null && known.clientId.equals(client.id()) && known.expires > Instant.now().getEpochSecond();
            return usable ? state.refreshTokens.remove(given) : null;
        });
        if (token == null) {
            throw new Refusal(400, "invalid_grant", "Persisted access token data not found");
        }
        return forUser(client, token.user, token.scope);
    }

    private Answer forUser(Client client, String user, String scope) throws Exception {
        long lifetime = client.lifetime("ext_user_token_lifetime", AccessTokens.LIFETIME);
        String refresh = client.mayUse("refresh_token") ? UUID.randomUUID().toString() : null;
        if (refresh != null) {
            long expires = Instant.now().getEpochSecond() + client.lifetime("ext_refresh_token_lifetime", REFRESH_LIFETIME);
            store.change(state -> state.refreshTokens.put(refresh, new RefreshToken(client.id(), user, scope, expires)));
        }
        return answer(tokens.issue(client, user, users.id(user), scope, lifetime), scope, lifetime, refresh);
    }

    private static Answer answer(String token, String scope, long lifetime, String refresh) {
        JsonObject body = new JsonObject();
        body.addProperty("access_token", token);
        body.addProperty("refresh_token", refresh);
        body.addProperty("scope", scope);
        body.addProperty("token_type", "Bearer");
        body.addProperty("expires_in", lifetime);
        return Answer.ok(body);
    }

    private static String scopeOf(Request request) {
        String scope = request.parameter("scope");
        return scope == null || scope.isBlank() ? "default" : String.join(" ", scope.trim().split("\\s+"));
    }

    private static String required(Request request, String name) {
        String value = request.parameter(name);
        if (value == null || value.isEmpty()) {
            throw new Refusal(400, "invalid_request", "Missing parameters: " + name);
        }
        return value;
    }
}
