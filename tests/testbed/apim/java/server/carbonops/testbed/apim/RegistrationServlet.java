package carbonops.testbed.apim;

import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONObject;

/** POST /client-registration/v0.17/register. */
final class RegistrationServlet extends ApiServlet {

    private static final long serialVersionUID = 1L;

    private final transient Callers callers;
    private final transient OAuthClients clients;
    private final long readyAt;

    RegistrationServlet(Deployment deployment, Callers callers, OAuthClients clients) {
        readyAt = System.currentTimeMillis() + 1000 * Long.parseLong(deployment.text("testbed.registration_delay", "0"));
        this.callers = callers;
        this.clients = clients;
    }

    @Override
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception {
        if (System.currentTimeMillis() < readyAt) {
            throw ApiException.internal("Client registration is not ready yet", null);
        }
        String user = callers.basicUser(request);
        JSONObject body = jsonBody(request);
        if (body.optString("clientName").isBlank()) {
            throw ApiException.badRequest("Client name is missing");
        }
        String owner = body.optString("owner", user);
        OAuthClients.Client client = clients.register(
                body.getString("clientName"), owner, body.optString("callbackUrl"), body.optString("grantType"));
        Answer.json(response, 200, new JSONObject()
                .put("clientId", client.id)
                .put("clientName", client.name)
                .put("callBackURL", client.callbackUrl)
                .put("clientSecret", client.secret)
                .put("isSaasApplication", body.optBoolean("saasApp"))
                .put("appOwner", client.owner)
                .put("jsonString", new JSONObject().put("grant_types", client.grantTypes).toString())
                .put("jsonAppAttribute", "{}")
                .put("tokenType", JSONObject.NULL));
    }
}
