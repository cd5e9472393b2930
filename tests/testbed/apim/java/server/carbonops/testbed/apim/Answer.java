package carbonops.testbed.apim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.servlet.http.HttpServletResponse;
import org.json.JSONObject;

/** Writes one answer. */
final class Answer {

    private Answer() {
    }

    static void json(HttpServletResponse response, int status, JSONObject body) throws IOException {
        text(response, status, "application/json", body.toString());
    }

    static void text(HttpServletResponse response, int status, String type, String body) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }
}
