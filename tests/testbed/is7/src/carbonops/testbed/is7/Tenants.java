package carbonops.testbed.is7;

import java.util.Locale;
import java.util.UUID;

import org.wso2.carbon.user.api.RealmConfiguration;
import org.wso2.carbon.user.api.UserStoreException;
import org.wso2.carbon.user.core.UserStoreManager;
import org.wso2.carbon.user.core.config.multitenancy.MultiTenantRealmConfigBuilder;
import org.wso2.carbon.user.core.service.RealmService;
import org.wso2.carbon.user.core.tenant.TenantManager;

/** The tenants that the kernel's own tenant manager knows. */
final class Tenants {
    private static final int NONE = -1;

    private final RealmService realms;

    Tenants(RealmService realms) {
        this.realms = realms;
    }

    /** The active tenant of this domain, or null. */
    Tenant find(String domain) throws UserStoreException {
        if (domain.equals(Tenant.SUPER.domain())) {
            return Tenant.SUPER;
        }
        int id = manager().getTenantId(domain);
        return id != NONE && manager().isTenantActive(id) ? new Tenant(id, domain) : null;
    }

    Users users(Tenant tenant) {
        return new Users(realms, tenant);
    }

    /** Makes a tenant with its administrator, active at once; the administrator's name is without the domain. */
    synchronized Tenant create(String domain, String admin, String password, String email) throws UserStoreException {
        org.wso2.carbon.user.core.tenant.Tenant made = new org.wso2.carbon.user.core.tenant.Tenant();
        made.setDomain(domain.toLowerCase(Locale.ROOT));
        made.setAdminName(admin);
        made.setAdminPassword(password);
        made.setEmail(email);
        made.setTenantUniqueID(UUID.randomUUID().toString());
        made.setActive(true);
        MultiTenantRealmConfigBuilder builder = realms.getMultiTenantRealmConfigBuilder();
        RealmConfiguration kept = builder.getRealmConfigForTenantToPersist(realms.getBootstrapRealmConfiguration(), null, made, NONE);
        made.setRealmConfig(kept);
        int id = manager().addTenant(made);
        manager().activateTenant(id);
        addAdministrator(id, admin, password);
        return new Tenant(id, made.getDomain());
    }

    private void addAdministrator(int tenant, String name, String password) throws UserStoreException {
        UserStoreManager users = (UserStoreManager) realms.getTenantUserRealm(tenant).getUserStoreManager();
        if (users.isExistingUser(name)) {
            users.updateCredentialByAdmin(name, password);
        } else {
            users.addUser(name, password, null, null, null);
        }
    }

    private TenantManager manager() {
        return realms.getTenantManager();
    }
}
