package carbonops.testbed.is7;

import java.util.List;

/** What the server's resource access control says about one request; only {@code request} is set when no rule matches. */
public final class AccessDecision {
    public final String request;
    public final String context;
    public final Boolean secured;
    public final Boolean crossTenant;
    public final List<String> scopes;
    public final String handlers;

    AccessDecision(String request, String context, Boolean secured, Boolean crossTenant, List<String> scopes, String handlers) {
        this.request = request;
        this.context = context;
        this.secured = secured;
        this.crossTenant = crossTenant;
        this.scopes = scopes;
        this.handlers = handlers;
    }

    /** Whether a request needs an authenticated user; a request without a rule does, as in the server. */
    public boolean needsUser() {
        return secured == null || secured;
    }
}
