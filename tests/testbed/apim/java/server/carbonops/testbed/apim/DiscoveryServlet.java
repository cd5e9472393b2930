package carbonops.testbed.apim;

import java.io.IOException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONArray;
import org.json.JSONObject;

/** This server's own discovery document, which the product reads whenever it lists key managers. */
final class DiscoveryServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String base = "https://localhost:" + request.getLocalPort();
        Answer.json(response, 200, new JSONObject()
                .put("issuer", base + "/oauth2/token")
                .put("authorization_endpoint", base + "/oauth2/authorize")
                .put("token_endpoint", base + "/oauth2/token")
                .put("jwks_uri", base + "/oauth2/jwks")
                .put("revocation_endpoint", base + "/oauth2/revoke")
                .put("introspection_endpoint", base + "/oauth2/introspect")
                .put("userinfo_endpoint", base + "/oauth2/userinfo")
                .put("registration_endpoint", base + "/client-registration/v0.17/register")
                .put("grant_types_supported", new JSONArray().put("password").put("client_credentials")));
    }
}
