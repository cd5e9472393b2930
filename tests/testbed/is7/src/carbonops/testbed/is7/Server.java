package carbonops.testbed.is7;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.google.gson.JsonObject;

import org.wso2.carbon.user.api.UserStoreException;
import org.wso2.carbon.utils.CarbonUtils;

/** The server with its tenants, each with endpoints of its own. */
final class Server {
    static final String TENANT_PATH = "/t/";

    private final Tenants tenants;
    private final ServerAddress address;
    private final AccessRules rules = new AccessRules();
    private final IdentityXml configuration = IdentityXml.read(CarbonUtils.getCarbonHome());
    private final Map<String, Endpoints> endpoints = new ConcurrentHashMap<>();

    Server(Tenants tenants, ServerAddress address) {
        this.tenants = tenants;
        this.address = address;
    }

    Tenants tenants() {
        return tenants;
    }

    IdentityXml configuration() {
        return configuration;
    }

    AccessDecision decide(Request request) {
        return rules.decide(request.method(), request.fullPath());
    }

    /** The tenant whose path this is; an unknown one is a 404, as by the real server's valve. */
    Tenant tenantOf(String path) throws UserStoreException {
        if (!path.startsWith(TENANT_PATH)) {
            return Tenant.SUPER;
        }
        String domain = path.substring(TENANT_PATH.length()).split("/", 2)[0];
        Tenant tenant = path.indexOf('/', TENANT_PATH.length()) < 0 ? null : tenants.find(domain);
        if (tenant == null) {
            throw new Refusal(404, "404", domain + " is an invalid tenant domain");
        }
        return tenant;
    }

    Endpoints of(Tenant tenant) {
        return endpoints.computeIfAbsent(tenant.domain(), domain -> new Endpoints(this, tenant, address.of(tenant)));
    }

    /** The tenant that a token says it is from; only that one can tell whether it is. */
    Tenant issuerOf(String token) throws UserStoreException {
        JsonObject claims = Jwt.unverified(token);
        return claims == null || !claims.has("iss") ? Tenant.SUPER : tenantOf(address.pathOf(claims.get("iss").getAsString()));
    }
}
