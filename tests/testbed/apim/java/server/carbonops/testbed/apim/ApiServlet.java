package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONException;
import org.json.JSONObject;

/** A servlet whose failures become the product's error bodies, with the cause in the log only. */
abstract class ApiServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = Logger.getLogger(ApiServlet.class.getName());

    abstract void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;

    @Override
    protected final void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            handle(request, response);
        } catch (ApiException e) {
            fail(response, e);
        } catch (Exception e) {
            fail(response, ApiException.internal("Internal server error", e));
        }
    }

    static JSONObject jsonBody(HttpServletRequest request) throws ApiException, IOException {
        try {
            return new JSONObject(new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (JSONException e) {
            throw ApiException.badRequest("Malformed request body.");
        }
    }

    private static void fail(HttpServletResponse response, ApiException e) throws IOException {
        if (e.status() >= 500) {
            LOG.log(Level.SEVERE, e.getMessage(), e);
        }
        Answer.json(response, e.status(), e.body());
    }
}
