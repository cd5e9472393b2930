package carbonops.testbed.is7;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import com.google.gson.JsonObject;

/** API resources, in which the server keeps the scopes of an API. */
final class ApiResources {
    private final Store store;

    ApiResources(Store store) {
        this.store = store;
    }

    Answer list(Request request) {
        EqualsFilter filter = new EqualsFilter(request.parameter("filter"));
        List<JsonObject> found = store.read(
                state -> state.apiResources.values().stream().filter(filter::accepts).collect(Collectors.toList()));
        return Answer.ok(Map.of("totalResults", found.size(), "links", List.of(), "apiResources", found));
    }

    Answer create(Request request) throws IOException {
        JsonObject resource = request.json();
        if (resource == null || !resource.has("name") || !resource.has("identifier")) {
            throw new Refusal(400, "invalid_request", "name and identifier are required");
        }
        String identifier = resource.get("identifier").getAsString();
        resource.addProperty("id", UUID.randomUUID().toString());
        resource.addProperty("type", "BUSINESS");
        return store.change(state -> {
            for (JsonObject other : state.apiResources.values()) {
                if (other.get("identifier").getAsString().equals(identifier)) {
                    throw new Refusal(409, "conflict", "An API resource with the identifier " + identifier + " already exists");
                }
            }
            state.apiResources.put(resource.get("id").getAsString(), resource);
            return Answer.of(201, resource);
        });
    }

    Answer get(Request request) {
        return store.read(state -> {
            JsonObject resource = state.apiResources.get(request.id());
            return resource == null ? Answer.empty(404) : Answer.ok(resource);
        });
    }

    Answer delete(Request request) {
        return store.change(state -> Answer.empty(state.apiResources.remove(request.id()) == null ? 404 : 204));
    }
}
