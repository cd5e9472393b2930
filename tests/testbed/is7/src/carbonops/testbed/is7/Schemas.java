package carbonops.testbed.is7;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The user schema, as a bare array and with words in capitals, as the real server has them. */
final class Schemas implements Endpoint {
    private static final String USER = "urn:ietf:params:scim:schemas:core:2.0:User";

    @Override
    public Answer answer(Request request) {
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("id", USER);
        user.put("name", "User");
        user.put("description", "User Account");
        user.put("attributes", List.of(
                attribute("id", "READ_ONLY", "ALWAYS"),
                attribute("userName", "READ_WRITE", "DEFAULT"),
                attribute("password", "WRITE_ONLY", "NEVER")));
        return Answer.ok(List.of(user));
    }

    private static Map<String, Object> attribute(String name, String mutability, String returned) {
        Map<String, Object> attribute = new LinkedHashMap<>();
        attribute.put("name", name);
        attribute.put("type", "STRING");
        attribute.put("multiValued", false);
        attribute.put("required", name.equals("userName"));
        attribute.put("caseExact", false);
        attribute.put("mutability", mutability);
        attribute.put("returned", returned);
        attribute.put("uniqueness", "NONE");
        attribute.put("uri", USER + ":" + name);
        return attribute;
    }
}
