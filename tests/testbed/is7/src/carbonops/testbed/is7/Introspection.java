package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** Tells whether a token is active, and what it says. */
final class Introspection implements Endpoint {
    private final AccessTokens tokens;

    Introspection(AccessTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        String token = request.parameter("token");
        if (token == null || token.isEmpty()) {
            throw new Refusal(400, "invalid_request", "Missing parameters: token");
        }
        JsonObject claims = tokens.active(token);
        JsonObject body = claims == null ? new JsonObject() : claims;
        body.addProperty("active", claims != null);
        if (claims != null) {
            body.addProperty("token_type", "Bearer");
        }
        return Answer.ok(body);
    }
}
