package carbonops.testbed.is7;

import org.wso2.carbon.base.MultitenantConstants;

/** One tenant of the server: what is the server's below {@code /}, a tenant has of its own below {@code /t/<domain>}. */
final class Tenant {
    static final Tenant SUPER = new Tenant(MultitenantConstants.SUPER_TENANT_ID, MultitenantConstants.SUPER_TENANT_DOMAIN_NAME);

    private final int id;
    private final String domain;

    Tenant(int id, String domain) {
        this.id = id;
        this.domain = domain;
    }

    int id() {
        return id;
    }

    String domain() {
        return domain;
    }

    boolean isSuper() {
        return id == SUPER.id;
    }

    /** What stands before each path of the tenant. */
    String prefix() {
        return isSuper() ? "" : "/t/" + domain;
    }

    boolean same(Tenant other) {
        return id == other.id;
    }
}
