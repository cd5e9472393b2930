package carbonops.testbed.is7;

import java.util.List;

import org.wso2.carbon.utils.CarbonUtils;

/** Which endpoint answers which request of one tenant. */
final class Endpoints {
    static final List<String> ALIASES = List.of(
            "/t", "/oauth2", "/scim2", "/.well-known", "/api/identity/oauth2", "/api/server/v1", "/api/health-check/v1.0");

    private static final String DCR = "/api/identity/oauth2/dcr/v1.1/register";
    private static final String SCOPES = "/api/identity/oauth2/v1.0/scopes";
    private static final String API_RESOURCES = "/api/server/v1/api-resources";

    private static final String ROLES = "/scim2/v2/Roles";
    private static final String TENANTS = "/api/server/v1/tenants";

    private final Server server;
    private final Guard guard;
    private final AccessTokens tokens;
    private final List<Route> routes;

    Endpoints(Server server, Tenant tenant, ServerAddress address) {
        this.server = server;
        Users users = server.tenants().users(tenant);
        Store store = new Store(CarbonUtils.getCarbonHome(), tenant);
        SigningKey key = new SigningKey();
        tokens = new AccessTokens(store, new Jwt(key), address);
        ClientAuthentication clients = new ClientAuthentication(store);
        ClientRegistration registration = new ClientRegistration(store);
        Scopes scopes = new Scopes(store);
        ApiResources apiResources = new ApiResources(store);
        Roles roles = new Roles(users, store, server.configuration());
        TenantManagement tenants = new TenantManagement(server.tenants());
        guard = new Guard(server);
        routes = List.of(
                new Route("GET", "/oauth2/token/.well-known/openid-configuration", new Discovery(address)),
                new Route("GET", "/oauth2/jwks", new Jwks(key)),
                new Route("POST", "/oauth2/token", new TokenEndpoint(store, clients, users, tokens)),
                new Route("POST", "/oauth2/introspect", new Introspection(tokens)),
                new Route("POST", "/oauth2/revoke", new Revocation(store, clients, tokens)),
                new Route("POST", DCR, registration::create),
                new Route("GET", DCR, registration::find),
                new Route("GET", DCR + "/{id}", registration::get),
                new Route("PUT", DCR + "/{id}", registration::update),
                new Route("DELETE", DCR + "/{id}", registration::delete),
                new Route("GET", SCOPES, scopes::list),
                new Route("POST", SCOPES, scopes::create),
                new Route("GET", SCOPES + "/name/{id}", scopes::get),
                new Route("HEAD", SCOPES + "/name/{id}", scopes::exists),
                new Route("PUT", SCOPES + "/name/{id}", scopes::update),
                new Route("DELETE", SCOPES + "/name/{id}", scopes::delete),
                new Route("GET", API_RESOURCES, apiResources::list),
                new Route("POST", API_RESOURCES, apiResources::create),
                new Route("GET", API_RESOURCES + "/{id}", apiResources::get),
                new Route("PATCH", API_RESOURCES + "/{id}", apiResources::patch),
                new Route("DELETE", API_RESOURCES + "/{id}", apiResources::delete),
                new Route("GET", API_RESOURCES + "/{id}/scopes", apiResources::scopes),
                new Route("PATCH", API_RESOURCES + "/{id}/scopes/{name}", apiResources::patchScope),
                new Route("DELETE", API_RESOURCES + "/{id}/scopes/{name}", apiResources::deleteScope),
                new Route("GET", ROLES, roles::list),
                new Route("POST", ROLES, roles::create),
                new Route("POST", ROLES + "/.search", roles::search),
                new Route("GET", ROLES + "/{id}", roles::get),
                new Route("PATCH", ROLES + "/{id}", roles::patch),
                new Route("GET", "/scim2/Schemas", new Schemas()),
                new Route("GET", "/scim2/Me", new Me()),
                new Route("GET", "/api/health-check/v1.0/health", new Health(users)),
                new Route("POST", TENANTS, tenants::create),
                new Route("GET", TENANTS + "/domain/{id}", tenants::byDomain));
    }

    AccessTokens tokens() {
        return tokens;
    }

    Answer answer(Request request) throws Exception {
        AccessDecision decision = server.decide(request);
        request.allow(decision, guard.callerOf(request, decision));
        boolean known = false;
        for (Route route : routes) {
            if (route.matches(request)) {
                return route.endpoint().answer(request);
            }
            known |= route.hasPath(request);
        }
        return Answer.empty(known ? 405 : 404);
    }
}
