package carbonops.testbed.apim;

import java.util.List;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONArray;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.api.ExceptionCodes;

/** /api/am/devportal/v3/applications and what lies below it. */
final class ApplicationsServlet extends ApiServlet {

    private static final long serialVersionUID = 1L;
    private static final Set<String> SCOPES = Set.of("apim:subscribe", "apim:app_manage", "apim:app_import_export");

    private final transient Callers callers;
    private final transient Applications applications;
    private final transient KeyGeneration keys;
    private final transient Workflows workflows;

    ApplicationsServlet(Callers callers, Applications applications, KeyGeneration keys, Workflows workflows) {
        this.callers = callers;
        this.applications = applications;
        this.keys = keys;
        this.workflows = workflows;
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
        List<Applications.Application> all = applications.search(query == null ? "" : query, user);
        int offset = number(request, "offset", 0);
        int limit = number(request, "limit", 25);
        JSONArray found = new JSONArray();
        all.stream().skip(offset).limit(limit).forEach(application -> found.put(application.json()));
        JSONObject pagination = new JSONObject().put("offset", offset).put("limit", limit).put("total", all.size());
        Answer.json(response, 200, new JSONObject().put("count", found.length()).put("list", found).put("pagination", pagination));
    }

    private void create(HttpServletRequest request, HttpServletResponse response, String user) throws Exception {
        JSONObject body = jsonBody(request);
        for (String required : new String[] {"name", "throttlingPolicy"}) {
            if (body.optString(required).isBlank()) {
                throw ApiException.badRequest(required + ": must not be null");
            }
        }
        String tier = body.getString("throttlingPolicy");
        if (!workflows.tiers().contains(tier)) {
            throw ApiException.of(ExceptionCodes.TIER_NAME_INVALID, "Specified tier " + tier + " is invalid");
        }
        String status = workflows.approveApplications() ? Workflows.CREATED : Workflows.APPROVED;
        Answer.json(response, 201, applications.create(body.getString("name"), user, tier, body.optString("description"), status).json());
    }

    /** As ApplicationsApiServiceImpl: 201 where the deletion waits for approval, 400 where it waited already. */
    private void delete(HttpServletResponse response, Applications.Application application) throws Exception {
        if (workflows.approveDeletions()) {
            boolean waits = application.status.equals(Workflows.DELETE_PENDING);
            applications.setStatus(application, Workflows.DELETE_PENDING);
            response.setStatus(waits ? 400 : 201);
            return;
        }
        keys.deleteClients(application);
        applications.delete(application);
        response.setStatus(200);
    }

    private static int number(HttpServletRequest request, String name, int whenAbsent) {
        String value = request.getParameter(name);
        return value == null ? whenAbsent : Integer.parseInt(value);
    }

    private void listKeys(HttpServletResponse response, Applications.Application application) throws Exception {
        JSONArray found = keys.keys(application);
        Answer.json(response, 200, new JSONObject().put("count", found.length()).put("list", found));
    }
}
