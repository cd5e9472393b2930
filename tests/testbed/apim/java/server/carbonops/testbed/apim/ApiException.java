package carbonops.testbed.apim;

import org.json.JSONArray;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.api.ExceptionCodes;

/** An answer other than success, with the product's error body. */
final class ApiException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final long code;
    private final String title;
    private final String description;

    private ApiException(int status, long code, String title, String description, String logged, Throwable cause) {
        super(logged, cause);
        this.status = status;
        this.code = code;
        this.title = title;
        this.description = description;
    }

    static ApiException of(ExceptionCodes code, String logged) {
        return new ApiException(code.getHttpStatusCode(), code.getErrorCode(), code.getErrorMessage(), code.getErrorDescription(), logged, null);
    }

    static ApiException badRequest(String description) {
        return new ApiException(400, 400, "Bad Request", description, description, null);
    }

    static ApiException unauthenticated() {
        return new ApiException(401, 401, "", "Unauthenticated request", "Unauthenticated request", null);
    }

    static ApiException notFound() {
        return new ApiException(404, 404, "Not Found", "Requested resource not found", "Requested resource not found", null);
    }

    /** The cause goes to the log only. */
    static ApiException internal(String logged, Throwable cause) {
        return new ApiException(500, 500, "Internal server error",
                "The server encountered an internal error. Please contact administrator.", logged, cause);
    }

    int status() {
        return status;
    }

    JSONObject body() {
        return new JSONObject()
                .put("code", code)
                .put("message", title)
                .put("description", description)
                .put("moreInfo", "")
                .put("error", new JSONArray());
    }
}
