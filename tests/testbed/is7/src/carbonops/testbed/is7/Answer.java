package carbonops.testbed.is7;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import javax.servlet.http.HttpServletResponse;

import com.google.gson.JsonObject;

/** A status and a JSON body, which may be absent. */
final class Answer {
    private final int status;
    private final Object body;
    private String location;

    private Answer(int status, Object body) {
        this.status = status;
        this.body = body;
    }

    static Answer of(int status, Object body) {
        return new Answer(status, body);
    }

    static Answer ok(Object body) {
        return new Answer(200, body);
    }

    static Answer empty(int status) {
        return new Answer(status, null);
    }

    static Answer error(int status, String code, String description) {
        JsonObject body = new JsonObject();
        body.addProperty("error_description", description);
        body.addProperty("error", code);
        return new Answer(status, body);
    }

    /** The same answer, naming what was made. */
    Answer at(String location) {
        this.location = location;
        return this;
    }

    void write(HttpServletResponse response) throws IOException {
        response.setStatus(status);
        response.setHeader("Cache-Control", "no-store");
        if (location != null) {
            response.setHeader("Location", location);
        }
        if (status == 401) {
            response.setHeader("WWW-Authenticate", "Basic realm=is.com");
        }
        if (body != null) {
            response.setContentType("application/json");
            response.getOutputStream().write(Json.GSON.toJson(body).getBytes(StandardCharsets.UTF_8));
        }
    }
}
