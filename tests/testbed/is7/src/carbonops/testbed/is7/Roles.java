package carbonops.testbed.is7;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.google.gson.JsonObject;

/** The roles of the server's user store, as SCIM2 lists them. */
final class Roles implements Endpoint {
    private final Users users;

    Roles(Users users) {
        this.users = users;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        EqualsFilter filter = new EqualsFilter(request.parameter("filter"));
        List<JsonObject> found = new ArrayList<>();
        for (String name : users.roles()) {
            JsonObject role = new JsonObject();
            role.addProperty("displayName", name);
            role.addProperty("id", UUID.nameUUIDFromBytes(name.getBytes()).toString());
            if (filter.accepts(role)) {
                found.add(role);
            }
        }
        return Answer.ok(Map.of(
                "schemas", List.of("urn:ietf:params:scim:api:messages:2.0:ListResponse"),
                "totalResults", found.size(),
                "startIndex", 1,
                "itemsPerPage", found.size(),
                "Resources", found));
    }
}
