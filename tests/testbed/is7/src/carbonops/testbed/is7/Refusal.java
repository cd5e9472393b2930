package carbonops.testbed.is7;

import java.util.List;
import java.util.Map;

/** A request that is answered with an error. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    Refusal(int status, String code, String description) {
        super(code + ": " + description);
        answer = Answer.error(status, code, description);
    }

    private Refusal(int status, Answer answer) {
        super(String.valueOf(status));
        this.answer = answer;
    }

    /** With the error body that SCIM2 has. */
    static Refusal scim(int status, String detail) {
        Map<String, Object> body = Map.of(
                "schemas", List.of("urn:ietf:params:scim:api:messages:2.0:Error"),
                "detail", detail,
                "status", String.valueOf(status));
        return new Refusal(status, Answer.of(status, body));
    }

    static Refusal withoutBody(int status) {
        return new Refusal(status, Answer.empty(status));
    }

    Answer answer() {
        return answer;
    }
}
