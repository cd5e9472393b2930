package carbonops.testbed.apim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.impl.APIManagerConfiguration;
import org.wso2.carbon.apimgt.impl.utils.APIUtil;
import org.wso2.carbon.context.PrivilegedCarbonContext;

/** Which role has which scope: the tenant configuration that the product comes with, and roles that a site has added. */
final class ScopeRoles {

    /** As an administrator adds them under Settings, Advanced, of the admin portal. */
    private static final Map<String, Set<String>> OF_THE_SITE = Map.of(
            Users.KEY_MANAGERS, Set.of("apim:keymanagers_manage", "apim:admin_settings", "apim:role_manage"),
            Users.OPERATIONS, Set.of("apim:admin_operations", "apim:admin_settings"));

    private ScopeRoles() {
    }

    static String tenantConfiguration() throws IOException {
        JSONObject configuration;
        try (InputStream stream = APIManagerConfiguration.class.getResourceAsStream("/tenant/tenant-conf.json")) {
            configuration = new JSONObject(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        }
        for (Object item : configuration.getJSONObject("RESTAPIScopes").getJSONArray("Scope")) {
            JSONObject scope = (JSONObject) item;
            OF_THE_SITE.forEach((role, scopes) -> {
                if (scopes.contains(scope.getString("Name"))) {
                    scope.put("Roles", scope.getString("Roles") + "," + role);
                }
            });
        }
        return configuration.toString();
    }

    /** As SystemScopesIssuer: a scope that none of the roles has is left out, not refused; so is one that is not known. */
    static Set<String> granted(List<String> roles, List<String> wanted) {
        Map<String, String> rolesOfScopes = rolesOfScopes();
        Set<String> scopes = wanted.stream()
                .filter(scope -> Arrays.stream(rolesOfScopes.getOrDefault(scope, "").split(",")).map(String::trim).anyMatch(roles::contains))
                .collect(Collectors.toSet());
        return scopes.isEmpty() ? Set.of("default") : scopes;
    }

    private static Map<String, String> rolesOfScopes() {
        PrivilegedCarbonContext.startTenantFlow();
        try {
            PrivilegedCarbonContext context = PrivilegedCarbonContext.getThreadLocalCarbonContext();
            context.setTenantDomain(UserRealms.TENANT_DOMAIN);
            context.setTenantId(UserRealms.TENANT_ID);
            return APIUtil.getRESTAPIScopesForTenant(UserRealms.TENANT_DOMAIN);
        } finally {
            PrivilegedCarbonContext.endTenantFlow();
        }
    }
}
