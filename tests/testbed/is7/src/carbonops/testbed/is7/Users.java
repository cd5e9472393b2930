package carbonops.testbed.is7;

import java.util.List;

import org.wso2.carbon.user.core.UserStoreException;
import org.wso2.carbon.user.core.UserStoreManager;
import org.wso2.carbon.user.core.common.AbstractUserStoreManager;
import org.wso2.carbon.user.core.service.RealmService;
import org.wso2.carbon.utils.multitenancy.MultitenantUtils;

/** The server's own user store of one tenant. */
final class Users {
    private final RealmService realms;
    private final Tenant tenant;

    Users(RealmService realms, Tenant tenant) {
        this.realms = realms;
        this.tenant = tenant;
    }

    /** The user of this name, with or without the tenant's domain, or null when the password is wrong. */
    Caller authenticate(Credentials credentials) throws Exception {
        String name = localName(credentials.name);
        try {
            return store().authenticate(name, credentials.password) ? caller(name) : null;
        } catch (UserStoreException malformedName) {
            return null;
        }
    }

    Caller caller(String name) {
        return new Caller(name, tenant, this);
    }

    boolean exists(String name) throws Exception {
        return store().isExistingUser(name);
    }

    String id(String name) throws Exception {
        return ((AbstractUserStoreManager) store()).getUserIDFromUserName(name);
    }

    List<String> roles() throws Exception {
        return List.of(store().getRoleNames());
    }

    /** The name without its tenant domain. */
    String localName(String name) {
        return MultitenantUtils.getTenantAwareUsername(name);
    }

    private UserStoreManager store() throws Exception {
        return (UserStoreManager) (tenant.isSuper()
                ? realms.getBootstrapRealm().getUserStoreManager()
                : realms.getTenantUserRealm(tenant.id()).getUserStoreManager());
    }
}
