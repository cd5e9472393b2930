package carbonops.testbed.is7;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Roles with the scopes that they grant: those of the server's user store, and those made here. */
final class Roles {
    private static final String SYSTEM_PREFIX = "system_";
    private static final String NAME = "displayName";
    private static final String PERMISSIONS = "permissions";

    private final Users users;
    private final Store store;
    private final boolean systemPrefixAllowed;

    Roles(Users users, Store store, IdentityXml configuration) {
        this.users = users;
        this.store = store;
        systemPrefixAllowed = configuration.says("AllowSystemPrefixForRoles");
    }

    Answer list(Request request) throws Exception {
        return found(request.parameter("filter"));
    }

    Answer search(Request request) throws Exception {
        JsonObject body = body(request);
        return found(body.has("filter") ? body.get("filter").getAsString() : null);
    }

    Answer get(Request request) throws Exception {
        return Answer.ok(known(request.id()));
    }

    /** The server takes no name that begins with system_, unless it is told to. */
    Answer create(Request request) throws Exception {
        JsonObject body = body(request);
        String name = body.has(NAME) ? body.get(NAME).getAsString() : "";
        if (name.isBlank()) {
            throw Refusal.scim(400, "displayName is missing.");
        }
        if (name.startsWith(SYSTEM_PREFIX) && !systemPrefixAllowed) {
            throw Refusal.scim(400, "Invalid role name: " + name + ". Role names with the prefix: " + SYSTEM_PREFIX
                    + ", is not allowed to be created from externally in the system.");
        }
        if (all().values().stream().anyMatch(role -> role.get(NAME).getAsString().equals(name))) {
            throw Refusal.scim(409, "Role already exist with the name: " + name);
        }
        JsonObject role = role(UUID.randomUUID().toString(), name);
        role.add(PERMISSIONS, existing(body.getAsJsonArray(PERMISSIONS)));
        store.change(state -> state.roles.put(role.get("id").getAsString(), role));
        return Answer.of(201, role);
    }

    /** Operations without a path, whose value holds permissions: the form in which the connector writes. */
    Answer patch(Request request) throws Exception {
        JsonObject role = known(request.id()).deepCopy();
        JsonArray operations = body(request).getAsJsonArray("Operations");
        if (operations == null) {
            throw Refusal.scim(400, "Operations are missing.");
        }
        for (JsonElement operation : operations) {
            apply(operation.getAsJsonObject(), role);
        }
        store.change(state -> state.roles.put(role.get("id").getAsString(), role));
        return Answer.ok(role);
    }

    private void apply(JsonObject operation, JsonObject role) {
        String kind = operation.get("op").getAsString();
        JsonElement value = operation.get("value");
        boolean ours = value != null && value.isJsonObject() && value.getAsJsonObject().has(PERMISSIONS);
        if (!ours || !kind.equals("replace") && !kind.equals("add")) {
            throw Refusal.scim(400, "The test bed adds and replaces permissions only.");
        }
        JsonArray permissions = existing(value.getAsJsonObject().getAsJsonArray(PERMISSIONS));
        if (kind.equals("add")) {
            permissions.addAll(role.getAsJsonArray(PERMISSIONS));
        }
        role.add(PERMISSIONS, permissions);
    }

    /** A permission is a scope of one of the tenant's API resources. */
    private JsonArray existing(JsonArray wanted) {
        JsonArray permissions = wanted == null ? new JsonArray() : wanted;
        for (JsonElement permission : permissions) {
            String scope = permission.getAsJsonObject().get("value").getAsString();
            if (store.read(state -> state.resourceWith(scope)) == null) {
                throw Refusal.scim(400, "Permission : " + scope + " is not found.");
            }
        }
        return permissions;
    }

    private Answer found(String filter) throws Exception {
        EqualsFilter wanted = new EqualsFilter(filter);
        List<JsonObject> found = new ArrayList<>();
        all().values().stream().filter(wanted::accepts).forEach(found::add);
        return Answer.ok(Map.of(
                "schemas", List.of("urn:ietf:params:scim:api:messages:2.0:ListResponse"),
                "totalResults", found.size(),
                "startIndex", 1,
                "itemsPerPage", found.size(),
                "Resources", found));
    }

    private JsonObject known(String id) throws Exception {
        JsonObject role = all().get(id);
        if (role == null) {
            throw Refusal.scim(404, "A role doesn't exist with id: " + id);
        }
        return role;
    }

    private Map<String, JsonObject> all() throws Exception {
        Map<String, JsonObject> all = new LinkedHashMap<>();
        for (String name : users.roles()) {
            String id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
            all.put(id, role(id, name));
        }
        all.putAll(store.read(state -> new LinkedHashMap<>(state.roles)));
        return all;
    }

    private static JsonObject role(String id, String name) {
        JsonObject role = new JsonObject();
        role.addProperty("id", id);
        role.addProperty(NAME, name);
        role.add(PERMISSIONS, new JsonArray());
        return role;
    }

    private static JsonObject body(Request request) throws IOException {
        JsonObject body = request.json();
        if (body == null) {
            throw Refusal.scim(400, "The request has no body.");
        }
        return body;
    }
}
