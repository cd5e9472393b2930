package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** Enforces the server's access decision: who sends a request, from which tenant, and whether a token covers it. */
final class Guard {
    private final Server server;

    Guard(Server server) {
        this.server = server;
    }

    /** The user who sends the request, or null when the request needs none. */
    Caller callerOf(Request request, AccessDecision decision) throws Exception {
        if (!decision.needsUser()) {
            return null;
        }
        String token = request.bearerToken();
        Tenant issuer = token == null ? null : server.issuerOf(token);
        JsonObject claims = token == null ? null : server.of(issuer).tokens().active(token);
        Caller caller = token == null ? byPassword(request) : userOf(claims, issuer);
        boolean ofClient = claims != null && caller == null;
        if (!ofClient && (caller == null || !mayAsk(caller, request, decision))) {
            throw Refusal.withoutBody(401);
        }
        // Scopes are looked at before anybody asks whose token it is: one of a client alone has no user.
        if (claims != null && decision.scopes != null && !AccessTokens.scopesOf(claims).containsAll(decision.scopes)) {
            throw Refusal.withoutBody(403);
        }
        if (ofClient) {
            throw Refusal.withoutBody(401);
        }
        return caller;
    }

    private static boolean mayAsk(Caller caller, Request request, AccessDecision decision) {
        return caller.tenant().same(request.tenant()) || Boolean.TRUE.equals(decision.crossTenant);
    }

    /** A name without a domain is one of the tenant that is asked. */
    private Caller byPassword(Request request) throws Exception {
        Credentials credentials = request.basicCredentials();
        if (credentials == null) {
            return null;
        }
        int at = credentials.name.lastIndexOf('@');
        Tenant named = at < 0 ? null : server.tenants().find(credentials.name.substring(at + 1));
        return server.tenants().users(named == null ? request.tenant() : named).authenticate(credentials);
    }

    private Caller userOf(JsonObject claims, Tenant issuer) {
        boolean named = claims != null && claims.has("username");
        return named ? server.tenants().users(issuer).caller(claims.get("username").getAsString()) : null;
    }
}
