package carbonops.testbed.apim;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONObject;

/** POST /oauth2/token, for clients registered at this server. */
final class TokenServlet extends ApiServlet {

    private static final long serialVersionUID = 1L;

    private final transient Users users;
    private final transient OAuthClients clients;
    private final transient Tokens tokens;

    TokenServlet(Users users, OAuthClients clients, Tokens tokens) {
        this.users = users;
        this.clients = clients;
        this.tokens = tokens;
    }

    @Override
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception {
        OAuthClients.Client client = clients.authenticate(BasicCredentials.of(request.getHeader("Authorization")));
        if (client == null) {
            refuse(response, 401, "invalid_client", "Client Authentication failed.");
            return;
        }
        String grant = String.valueOf(request.getParameter("grant_type"));
        if (!Set.of("password", "client_credentials").contains(grant)) {
            refuse(response, 400, "unsupported_grant_type", "Unsupported grant_type value");
            return;
        }
        if (!Arrays.asList(client.grantTypes.trim().split("\\s+")).contains(grant)) {
            refuse(response, 400, "unauthorized_client", "The authenticated client is not authorized to use this authorization grant type");
            return;
        }
        String user = grant.equals("password") ? resourceOwner(request) : client.owner;
        if (user == null) {
            refuse(response, 400, "invalid_grant", "Authentication failed for " + request.getParameter("username"));
            return;
        }
        String wanted = request.getParameter("scope");
        Set<String> scopes = ScopeRoles.granted(
                List.of(users.rolesOf(user)), List.of((wanted == null ? "" : wanted).trim().split("\\s+")));
        JSONObject answer = new JSONObject()
                .put("access_token", tokens.issue(user, scopes))
                .put("scope", String.join(" ", scopes))
                .put("token_type", "Bearer")
                .put("expires_in", Tokens.LIFETIME_SECONDS);
        if (grant.equals("password")) {
            answer.put("refresh_token", UUID.randomUUID().toString());
        }
        Answer.json(response, 200, answer);
    }

    private String resourceOwner(HttpServletRequest request) {
        String name = request.getParameter("username");
        return name != null && users.authenticate(name, request.getParameter("password")) ? name : null;
    }

    private static void refuse(HttpServletResponse response, int status, String error, String description) throws IOException {
        Answer.json(response, status, new JSONObject().put("error", error).put("error_description", description));
    }
}
