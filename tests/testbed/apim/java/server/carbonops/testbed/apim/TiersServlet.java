package carbonops.testbed.apim;

import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONArray;
import org.json.JSONObject;

/** /api/am/devportal/v3/throttling-policies/application. */
final class TiersServlet extends ApiServlet {

    private static final long serialVersionUID = 1L;
    private static final Set<String> SCOPES = Set.of("apim:subscribe", "apim:app_manage");

    private final transient Callers callers;
    private final transient Workflows workflows;

    TiersServlet(Callers callers, Workflows workflows) {
        this.callers = callers;
        this.workflows = workflows;
    }

    @Override
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception {
        callers.user(request, SCOPES);
        if (!request.getMethod().equals("GET")) {
            throw ApiException.notFound();
        }
        JSONArray tiers = new JSONArray();
        for (String name : workflows.tiers()) {
            tiers.put(new JSONObject().put("name", name).put("policyLevel", "application").put("tierPlan", "FREE"));
        }
        Answer.json(response, 200, new JSONObject().put("count", tiers.length()).put("list", tiers));
    }
}
