package carbonops.testbed.is7;

import java.util.List;

import org.wso2.carbon.utils.CarbonUtils;

/** Which endpoint answers which request. */
final class Endpoints {
    static final List<String> ALIASES = List.of(
            "/oauth2", "/scim2", "/.well-known", "/api/identity/oauth2", "/api/server/v1", "/api/health-check/v1.0");

    private static final String DCR = "/api/identity/oauth2/dcr/v1.1/register";
    private static final String SCOPES = "/api/identity/oauth2/v1.0/scopes";
    private static final String API_RESOURCES = "/api/server/v1/api-resources";

    private final AccessRules rules = new AccessRules();
    private final Guard guard;
    private final List<Route> routes;

    Endpoints(Users users, ServerAddress address) {
        Store store = new Store(CarbonUtils.getCarbonHome());
        SigningKey key = new SigningKey();
        AccessTokens tokens = new AccessTokens(store, new Jwt(key), address);
        ClientAuthentication clients = new ClientAuthentication(store);
        ClientRegistration registration = new ClientRegistration(store);
        Scopes scopes = new Scopes(store);
        ApiResources apiResources = new ApiResources(store);
        guard = new Guard(users, tokens);
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
                new Route("DELETE", SCOPES + "/name/{id}", scopes::delete),
                new Route("GET", API_RESOURCES, apiResources::list),
                new Route("POST", API_RESOURCES, apiResources::create),
                new Route("GET", API_RESOURCES + "/{id}", apiResources::get),
                new Route("DELETE", API_RESOURCES + "/{id}", apiResources::delete),
                new Route("GET", "/scim2/v2/Roles", new Roles(users)),
                new Route("GET", "/scim2/Me", new Me(users)),
                new Route("GET", "/api/health-check/v1.0/health", new Health(users)));
    }

    Answer answer(Request request) throws Exception {
        AccessDecision decision = rules.decide(request.method(), request.path());
        request.allow(decision, guard.userOf(request, decision));
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
