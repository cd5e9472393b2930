package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** Enforces the server's access decision: who sends a request, from which tenant, and whether a token covers it. */
final class Guard {
    private final Server server;
    private final ClientCertificates certificates;

    Guard(Server server) {
        this.server = server;
        certificates = new ClientCertificates(server.configuration());
    }

    /** The user who sends the request, or null when the request needs none. */
    Caller callerOf(Request request, AccessDecision decision) throws Exception {
        if (!decision.needsUser()) {
            return null;
        }
        if (certificates.decideOn(request.certificate())) {
            return checked(byCertificate(request), null, request, decision);
        }
        String token = request.bearerToken();
        if (token == null) {
            return checked(byPassword(request), null, request, decision);
        }
        Tenant issuer = server.issuerOf(token);
        JsonObject claims = server.of(issuer).tokens().active(token);
        return checked(userOf(claims, issuer), claims, request, decision);
    }

    private static Caller checked(Caller caller, JsonObject claims, Request request, AccessDecision decision) {
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

    /** The header's name may have a tenant's domain; without one it is the super tenant's. */
    private Caller byCertificate(Request request) throws Exception {
        String name = certificates.userOf(request.certificate(), request.identityUser());
        if (name == null) {
            return null;
        }
        Tenant named = domainOf(name);
        Users users = server.tenants().users(named == null ? Tenant.SUPER : named);
        String local = named == null ? name : name.substring(0, name.lastIndexOf('@'));
        return users.exists(local) ? users.caller(local) : null;
    }

    private Tenant domainOf(String name) throws Exception {
        int at = name.lastIndexOf('@');
        return at < 0 ? null : server.tenants().find(name.substring(at + 1));
    }

    /** A name without a domain is one of the tenant that is asked. */
    private Caller byPassword(Request request) throws Exception {
        Credentials credentials = request.basicCredentials();
        if (credentials == null) {
            return null;
        }
        Tenant named = domainOf(credentials.name);
        return server.tenants().users(named == null ? request.tenant() : named).authenticate(credentials);
    }

    private Caller userOf(JsonObject claims, Tenant issuer) {
        boolean named = claims != null && claims.has("username");
        return named ? server.tenants().users(issuer).caller(claims.get("username").getAsString()) : null;
    }
}
