package carbonops.testbed.apim;

import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONArray;
import org.json.JSONObject;

/** /api/am/devportal/v3/applications and what lies below it. */
final class ApplicationsServlet extends ApiServlet {

    private static final long serialVersionUID = 1L;
    private static final Set<String> SCOPES = Set.of("apim:subscribe", "apim:app_manage", "apim:app_import_export");

    private final transient Callers callers;
    private final transient Applications applications;
    private final transient KeyGeneration keys;

    ApplicationsServlet(Callers callers, Applications applications, KeyGeneration keys) {
        this.callers = callers;
        this.applications = applications;
        this.keys = keys;
    }

    @Override
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception {
        String user = callers.user(request, SCOPES);
        String path = request.getPathInfo() == null ? "" : request.getPathInfo().replaceAll("^/|/$", "");
        String[] parts = path.isEmpty() ? new String[0] : path.split("/");
        String route = request.getMethod() + " " + parts.length + (parts.length == 2 ? " " + parts[1] : "");
        switch (route) {
            case "GET 0":
                list(request, response, user);
                break;
            case "POST 0":
                create(request, response, user);
                break;
            case "GET 1":
                Answer.json(response, 200, applications.get(parts[0], user).json());
                break;
            case "DELETE 1":
                delete(response, applications.get(parts[0], user));
                break;
            case "POST 2 generate-keys":
                Answer.json(response, 200, keys.generate(applications.get(parts[0], user), jsonBody(request)));
                break;
            case "GET 2 oauth-keys":
                listKeys(response, applications.get(parts[0], user));
                break;
            default:
                throw ApiException.notFound();
        }
    }

    private void list(HttpServletRequest request, HttpServletResponse response, String user) throws Exception {
        String query = request.getParameter("query");
        JSONArray found = new JSONArray();
        applications.search(query == null ? "" : query, user).forEach(application -> found.put(application.json()));
        JSONObject pagination = new JSONObject().put("offset", 0).put("limit", 25).put("total", found.length());
        Answer.json(response, 200, new JSONObject().put("count", found.length()).put("list", found).put("pagination", pagination));
    }

    private void create(HttpServletRequest request, HttpServletResponse response, String user) throws Exception {
        JSONObject body = jsonBody(request);
        for (String required : new String[] {"name", "throttlingPolicy"}) {
            if (body.optString(required).isBlank()) {
                throw ApiException.badRequest(required + ": must not be null");
            }
        }
        Answer.json(response, 201, applications.create(body.getString("name"), user).json());
    }

    private void delete(HttpServletResponse response, Applications.Application application) throws Exception {
        keys.deleteClients(application);
        applications.delete(application);
        response.setStatus(200);
    }

    private void listKeys(HttpServletResponse response, Applications.Application application) throws Exception {
        JSONArray found = keys.keys(application);
        Answer.json(response, 200, new JSONObject().put("count", found.length()).put("list", found));
    }
}
