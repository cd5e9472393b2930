package carbonops.testbed.is7;

import java.util.List;

import org.wso2.carbon.user.core.UserStoreException;
import org.wso2.carbon.user.core.UserStoreManager;
import org.wso2.carbon.user.core.common.AbstractUserStoreManager;
import org.wso2.carbon.user.core.service.RealmService;
import org.wso2.carbon.utils.multitenancy.MultitenantUtils;

/** The server's own user store. */
final class Users {
    private final RealmService realms;

    Users(RealmService realms) {
        this.realms = realms;
    }

    boolean authenticate(Credentials credentials) throws Exception {
        String name = localName(credentials.name);
        try {
            return store().authenticate(name, credentials.password);
        } catch (UserStoreException malformedName) {
            return false;
        }
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
        return (UserStoreManager) realms.getBootstrapRealm().getUserStoreManager();
    }
}
