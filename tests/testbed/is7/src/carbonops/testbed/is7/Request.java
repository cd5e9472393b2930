package carbonops.testbed.is7;

import java.io.IOException;

import javax.servlet.http.HttpServletRequest;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;

/** A request, with the access decision on it and the user who sent it. */
final class Request {
    private final HttpServletRequest request;
    private AccessDecision decision;
    private String user;
    private String id;

    Request(HttpServletRequest request) {
        this.request = request;
    }

    void allow(AccessDecision decision, String user) {
        this.decision = decision;
        this.user = user;
    }

    void setId(String id) {
        this.id = id;
    }

    String method() {
        return request.getMethod();
    }

    String path() {
        String rest = request.getPathInfo();
        return request.getServletPath() + (rest == null ? "" : rest);
    }

    /** The last part of the path, for a route that ends with {id}. */
    String id() {
        return id;
    }

    /** A parameter of the query or of a form, or null. */
    String parameter(String name) {
        return request.getParameter(name);
    }

    AccessDecision decision() {
        return decision;
    }

    /** The name of the authenticated user, or null. */
    String user() {
        return user;
    }

    /** Name and password of the Authorization header, or null. */
    Credentials basicCredentials() {
        return Credentials.ofBasic(request.getHeader("Authorization"));
    }

    /** The token of the Authorization header, or null. */
    String bearerToken() {
        String header = request.getHeader("Authorization");
        return header != null && header.startsWith("Bearer ") ? header.substring("Bearer ".length()).trim() : null;
    }

    JsonObject json() throws IOException {
        try {
            return Json.GSON.fromJson(request.getReader(), JsonObject.class);
        } catch (JsonParseException notJson) {
            throw new Refusal(400, "invalid_request", "The body is not a JSON object.");
        }
    }
}
