package carbonops.testbed.is7;

import java.io.IOException;
import java.security.cert.X509Certificate;

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
    private String name;

    Request(HttpServletRequest request, Tenant tenant) {
        this.request = request;
        this.tenant = tenant;
    }

    void allow(AccessDecision decision, Caller caller) {
        this.decision = decision;
        this.caller = caller;
    }

    void setParts(String id, String name) {
        this.id = id;
        this.name = name;
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

    /** What the path has where its route has {id}. */
    String id() {
        return id;
    }

    /** What the path has where its route has {name}. */
    String name() {
        return name;
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

    /** The certificate that the client presented, or null. */
    X509Certificate certificate() {
        Object presented = request.getAttribute("javax.servlet.request.X509Certificate");
        X509Certificate[] chain = presented instanceof X509Certificate[] ? (X509Certificate[]) presented : new X509Certificate[0];
        return chain.length == 0 ? null : chain[0];
    }

    /** The user for whom a certificate is to stand, or null. */
    String identityUser() {
        return request.getHeader("WSO2-Identity-User");
    }

    JsonObject json() throws IOException {
        try {
            return Json.GSON.fromJson(request.getReader(), JsonObject.class);
        } catch (JsonParseException notJson) {
            throw new Refusal(400, "invalid_request", "The body is not a JSON object.");
        }
    }
}
