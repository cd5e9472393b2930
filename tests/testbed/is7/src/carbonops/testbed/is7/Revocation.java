package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** Revokes an access or refresh token of the client that asks; an unknown token is no error. */
final class Revocation implements Endpoint {
    private final Store store;
    private final ClientAuthentication clients;
    private final AccessTokens tokens;

    Revocation(Store store, ClientAuthentication clients, AccessTokens tokens) {
        this.store = store;
        this.clients = clients;
        this.tokens = tokens;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        Client client = clients.clientOf(request);
        String token = request.parameter("token");
        if (token == null || token.isEmpty()) {
            throw new Refusal(400, "invalid_request", "Missing parameters: token");
        }
        JsonObject claims = tokens.active(token);
        if (claims == null) {
            store.change(state -> state.refreshTokens.entrySet()
                    .removeIf(entry -> entry.getKey().equals(token) && entry.getValue().clientId.equals(client.id())));
        } else if (!claims.get("client_id").getAsString().equals(client.id())) {
            throw new Refusal(401, "unauthorized_client", "Unauthorized Client");
        } else {
            tokens.revoke(claims);
        }
        return Answer.empty(200);
    }
}
