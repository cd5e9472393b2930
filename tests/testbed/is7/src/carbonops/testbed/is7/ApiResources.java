package carbonops.testbed.is7;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** API resources, in which the server keeps the scopes of an API. The name of a scope is one in the whole tenant. */
final class ApiResources {
    private static final String SCOPES = "scopes";

    private final Store store;

    ApiResources(Store store) {
        this.store = store;
    }

    /** Without their scopes. */
    Answer list(Request request) {
        EqualsFilter filter = new EqualsFilter(request.parameter("filter"));
        List<JsonObject> found = store.read(state -> state.apiResources.values().stream()
                .filter(filter::accepts).map(ApiResources::withoutScopes).collect(Collectors.toList()));
        return Answer.ok(Map.of("totalResults", found.size(), "links", List.of(), "apiResources", found));
    }

    Answer create(Request request) throws IOException {
        JsonObject resource = request.json();
        if (resource == null || !resource.has("name") || !resource.has("identifier")) {
            throw new Refusal(400, "invalid_request", "name and identifier are required");
        }
        String identifier = resource.get("identifier").getAsString();
        JsonArray scopes = resource.has(SCOPES) ? resource.remove(SCOPES).getAsJsonArray() : new JsonArray();
        resource.addProperty("id", UUID.randomUUID().toString());
        resource.addProperty("type", "BUSINESS");
        resource.add(SCOPES, new JsonArray());
        return store.change(state -> {
            for (JsonObject other : state.apiResources.values()) {
                if (other.get("identifier").getAsString().equals(identifier)) {
                    throw new Refusal(409, "conflict", "An API resource with the identifier " + identifier + " already exists");
                }
            }
            add(state, resource, scopes);
            state.apiResources.put(resource.get("id").getAsString(), resource);
            return Answer.of(201, resource);
        });
    }

    Answer get(Request request) {
        return store.read(state -> Answer.ok(known(state, request)));
    }

    Answer scopes(Request request) {
        return store.read(state -> Answer.ok(known(state, request).getAsJsonArray(SCOPES)));
    }

    Answer patch(Request request) throws IOException {
        JsonObject wanted = request.json();
        return store.change(state -> {
            JsonObject resource = known(state, request);
            copy(wanted, resource, "name", "description");
            if (wanted.has("addedScopes")) {
                add(state, resource, wanted.getAsJsonArray("addedScopes"));
            }
            return Answer.empty(204);
        });
    }

    Answer patchScope(Request request) throws IOException {
        JsonObject wanted = request.json();
        return store.change(state -> {
            JsonObject scope = State.scopeOf(known(state, request), request.name());
            if (scope == null) {
                throw new Refusal(404, "not_found", "There is no scope " + request.name());
            }
            copy(wanted, scope, "displayName", "description");
            return Answer.empty(204);
        });
    }

    /** The roles that granted it no longer do. */
    Answer deleteScope(Request request) {
        return store.change(state -> {
            removeNamed(known(state, request).getAsJsonArray(SCOPES), "name", request.name());
            state.roles.values().forEach(role -> removeNamed(role.getAsJsonArray("permissions"), "value", request.name()));
            return Answer.empty(204);
        });
    }

    Answer delete(Request request) {
        return store.change(state -> Answer.empty(state.apiResources.remove(request.id()) == null ? 404 : 204));
    }

    private static void add(State state, JsonObject resource, JsonArray scopes) {
        for (JsonElement scope : scopes) {
            String name = scope.getAsJsonObject().get("name").getAsString();
            if (state.resourceWith(name) != null) {
                throw new Refusal(409, "conflict", "A scope with the name " + name + " already exists");
            }
        }
        for (JsonElement scope : scopes) {
            scope.getAsJsonObject().addProperty("id", UUID.randomUUID().toString());
            resource.getAsJsonArray(SCOPES).add(scope);
        }
    }

    private static JsonObject known(State state, Request request) {
        JsonObject resource = state.apiResources.get(request.id());
        if (resource == null) {
            throw Refusal.withoutBody(404);
        }
        return resource;
    }

    private static JsonObject withoutScopes(JsonObject resource) {
        JsonObject outline = resource.deepCopy();
        outline.remove(SCOPES);
        return outline;
    }

    private static void copy(JsonObject from, JsonObject to, String... names) {
        for (String name : names) {
            if (from.has(name)) {
                to.add(name, from.get(name));
            }
        }
    }

    private static void removeNamed(JsonArray items, String key, String value) {
        for (int i = items.size() - 1; i >= 0; i--) {
            if (items.get(i).getAsJsonObject().get(key).getAsString().equals(value)) {
                items.remove(i);
            }
        }
    }
}
