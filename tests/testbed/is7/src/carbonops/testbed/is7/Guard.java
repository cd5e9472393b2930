package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** Enforces the server's access decision: who sends a request, and whether a token covers it. */
final class Guard {
    private final Users users;
    private final AccessTokens tokens;

    Guard(Users users, AccessTokens tokens) {
        this.users = users;
        this.tokens = tokens;
    }

    /** The user who sends the request, or null when the request needs none and names none. */
    String userOf(Request request, AccessDecision decision) throws Exception {
        if (!decision.needsUser()) {
            return null;
        }
        String token = request.bearerToken();
        String user = token == null ? userOf(request.basicCredentials()) : userOf(tokens.active(token), decision);
        if (user == null) {
            throw Refusal.withoutBody(401);
        }
        return user;
    }

    private String userOf(Credentials credentials) throws Exception {
        return credentials != null && users.authenticate(credentials) ? users.localName(credentials.name) : null;
    }

    private static String userOf(JsonObject claims, AccessDecision decision) {
        if (claims == null || !claims.has("username")) {
            return null;
        }
        if (decision.scopes != null && !AccessTokens.scopesOf(claims).containsAll(decision.scopes)) {
            throw Refusal.withoutBody(403);
        }
        return claims.get("username").getAsString();
    }
}
