package carbonops.testbed.apim;

import java.util.function.Function;
import org.wso2.carbon.registry.core.service.RegistryService;
import org.wso2.carbon.user.api.RealmConfiguration;
import org.wso2.carbon.user.core.UserRealm;
import org.wso2.carbon.user.core.UserStoreManager;
import org.wso2.carbon.user.core.claim.ClaimManager;
import org.wso2.carbon.user.core.service.RealmService;
import org.wso2.carbon.user.core.tenant.TenantManager;

/** The user store the product asks, with the users of the test bed and the one tenant carbon.super. */
final class UserRealms {

    static final String TENANT_DOMAIN = "carbon.super";
    static final int TENANT_ID = -1234;
    private static final int NO_TENANT = -1;

    private final UserRealm realm;
    private final RealmConfiguration configuration;

    UserRealms(Users users) {
        configuration = new RealmConfiguration();
        configuration.setAdminUserName(users.admin());
        configuration.setAdminRoleName(Users.ADMIN_ROLE);
        configuration.setTenantId(TENANT_ID);
        UserStoreManager store = Fake.of(UserStoreManager.class)
                .answer("authenticate", arguments -> users.authenticate((String) arguments[0], String.valueOf(arguments[1])))
                .answer("isExistingUser", arguments -> users.exists((String) arguments[0]))
                .answer("isExistingRole", arguments -> users.roleExists((String) arguments[0]))
                .answer("getRoleListOfUser", arguments -> users.rolesOf((String) arguments[0]))
                .make();
        realm = Fake.of(UserRealm.class).value("getUserStoreManager", store).value("getRealmConfiguration", configuration)
                .value("getClaimManager", Fake.of(ClaimManager.class).make()).make();
    }

    RealmService realmService() {
        Function<Object[], Object> tenantId = arguments ->
                arguments == null || TENANT_DOMAIN.equals(arguments[0]) ? TENANT_ID : NO_TENANT;
        TenantManager tenants = Fake.of(TenantManager.class)
                .answer("getTenantId", tenantId)
                .value("getDomain", TENANT_DOMAIN)
                .value("isTenantActive", true)
                .make();
        return Fake.of(RealmService.class)
                .value("getTenantManager", tenants)
                .value("getBootstrapRealm", realm)
                .value("getTenantUserRealm", realm)
                .value("getUserRealm", realm)
                .value("getBootstrapRealmConfiguration", configuration)
                .make();
    }

    RegistryService registryService() {
        return Fake.of(RegistryService.class).value("getUserRealm", realm).make();
    }
}
