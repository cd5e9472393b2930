package carbonops.testbed.is7;

import java.io.IOException;
import java.util.ArrayList;

import com.google.gson.JsonObject;

/** OAuth2 scopes that clients may register. */
final class Scopes {
    private final Store store;

    Scopes(Store store) {
        this.store = store;
    }

    Answer list(Request request) {
        return store.read(state -> Answer.ok(new ArrayList<>(state.scopes.values())));
    }

    Answer create(Request request) throws IOException {
        JsonObject scope = request.json();
        if (scope == null || !scope.has("name")) {
            throw new Refusal(400, "invalid_request", "Scope Name is not specified.");
        }
        String name = scope.get("name").getAsString();
        return store.change(state -> {
            if (state.scopes.putIfAbsent(name, scope) != null) {
                throw new Refusal(409, "conflict", "Scope with the name " + name + " already exists in the system.");
            }
            return Answer.of(201, scope);
        });
    }

    Answer get(Request request) {
        return store.read(state -> {
            JsonObject scope = state.scopes.get(request.id());
            return scope == null ? Answer.empty(404) : Answer.ok(scope);
        });
    }

    Answer exists(Request request) {
        return store.read(state -> Answer.empty(state.scopes.containsKey(request.id()) ? 200 : 404));
    }

    Answer update(Request request) throws IOException {
        JsonObject wanted = request.json();
        return store.change(state -> {
            JsonObject scope = state.scopes.get(request.id());
            if (scope == null) {
                return Answer.empty(404);
            }
            wanted.addProperty("name", request.id());
            state.scopes.put(request.id(), wanted);
            return Answer.ok(wanted);
        });
    }

    Answer delete(Request request) {
        return store.change(state -> Answer.empty(state.scopes.remove(request.id()) == null ? 404 : 200));
    }
}
