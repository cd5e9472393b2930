package carbonops.testbed.is7;

import java.io.IOException;

import javax.servlet.http.HttpServletRequest;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;

/** A request, with the access decision on it and the user who sent it. */
final class Request {
    private final HttpServletRequest request;
    private final Tenant tenant;
    private AccessDecision decision;
    private Caller caller;
    private String id;

    Request(HttpServletRequest request, Tenant tenant) {
        this.request = request;
        this.tenant = tenant;
    }

    void allow(AccessDecision decision, Caller caller) {
        this.decision = decision;
        this.caller = caller;
    }

    void setId(String id) {
        this.id = id;
    }

    String method() {
        return request.getMethod();
    }

    /** The tenant whose path was asked. */
    Tenant tenant() {
        return tenant;
    }

    /** The whole path, with the tenant's. */
    String fullPath() {
        return fullPath(request);
    }

    /** The path below the tenant's. */
    String path() {
        String path = fullPath();
        return path.startsWith(Server.TENANT_PATH) ? path.substring(path.indexOf('/', Server.TENANT_PATH.length())) : path;
    }

    static String fullPath(HttpServletRequest request) {
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

    /** The authenticated user, or null. */
    Caller caller() {
        return caller;
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
