package carbonops.testbed.is7;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The user who asks, and the access decision on the question, so that a test reads what the server really decided. */
final class Me implements Endpoint {
    @Override
    public Answer answer(Request request) throws Exception {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("schemas", List.of("urn:ietf:params:scim:schemas:core:2.0:User"));
        Caller caller = request.caller();
        if (caller != null) {
            body.put("userName", caller.name());
            body.put("id", caller.id());
        }
        body.put("access", request.decision());
        return Answer.ok(body);
    }
}
