package carbonops.testbed.is7;

import java.util.List;

import org.wso2.carbon.identity.auth.service.module.ResourceConfig;
import org.wso2.carbon.identity.auth.service.module.ResourceConfigKey;
import org.wso2.carbon.identity.auth.service.util.AuthConfigurationUtil;

/** The server's own resource access control, read once from the files that were rendered at boot. */
public final class AccessRules {
    private final AuthConfigurationUtil rules;

    public AccessRules() {
        rules = AuthConfigurationUtil.getInstance();
        rules.buildResourceAccessControlData();
    }

    public AccessDecision decide(String method, String path) {
        String request = method + " " + path;
        ResourceConfig rule = rules.getSecuredConfig(new ResourceConfigKey(path, method));
        if (rule == null) {
            return new AccessDecision(request, null, null, null, null, null);
        }
        List<String> scopes = rule.getScopes() == null ? List.of() : List.copyOf(rule.getScopes());
        return new AccessDecision(
                request, rule.getContext(), rule.isSecured(), rule.isCrossTenantAllowed(), scopes, rule.getAllowedAuthHandlers());
    }
}
