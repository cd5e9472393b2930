package carbonops.testbed.is7;

import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** Dynamic client registration; an unknown client is a 401 without a body, as in the real server. */
final class ClientRegistration {
    private final Store store;

    ClientRegistration(Store store) {
        this.store = store;
    }

    Answer create(Request request) throws IOException {
        JsonObject metadata = metadata(request);
        String id = take(metadata, "ext_param_client_id").orElse(random());
        String secret = take(metadata, "ext_param_client_secret").orElse(random());
        Client client = new Client(id, secret, metadata);
        return store.change(state -> {
            if (state.clients.containsKey(id)) {
                throw new Refusal(400, "invalid_client_metadata", "Client id " + id + " already exist in the system");
            }
            refuseTakenName(state, client);
            state.clients.put(id, client);
            return Answer.of(201, client.toJson());
        });
    }

    Answer find(Request request) {
        String name = request.parameter("client_name");
        if (name == null || name.isEmpty()) {
            throw new Refusal(400, "invalid_client_metadata", "Insufficient data in the request");
        }
        return store.read(state -> state.clients.values().stream()
                .filter(client -> client.name().equals(name))
                .findFirst()
                .map(client -> Answer.ok(client.toJson()))
                .orElseThrow(() -> Refusal.withoutBody(401)));
    }

    Answer get(Request request) {
        return store.read(state -> Answer.ok(known(state, request.id()).toJson()));
    }

    Answer update(Request request) throws IOException {
        JsonObject metadata = metadata(request);
        return store.change(state -> {
            Client old = known(state, request.id());
            Client client = new Client(old.id(), old.secret(), metadata);
            refuseTakenName(state, client);
            state.clients.put(client.id(), client);
            return Answer.ok(client.toJson());
        });
    }

    Answer delete(Request request) {
        return store.change(state -> {
            String id = known(state, request.id()).id();
            state.clients.remove(id);
            state.refreshTokens.values().removeIf(token -> token.clientId.equals(id));
            return Answer.empty(204);
        });
    }

    private static JsonObject metadata(Request request) throws IOException {
        JsonObject metadata = request.json();
        if (metadata == null || !metadata.has("client_name") || metadata.get("client_name").getAsString().isEmpty()) {
            throw new Refusal(400, "invalid_client_metadata", "Client Name is not provided");
        }
        for (String list : new String[] {"grant_types", "redirect_uris"}) {
            if (!metadata.has(list)) {
                metadata.add(list, new JsonArray());
            }
            if (!metadata.get(list).isJsonArray()) {
                throw new Refusal(400, "invalid_client_metadata", list + " is not a list");
            }
        }
        return metadata;
    }

    private static Optional<String> take(JsonObject metadata, String field) {
        return Optional.ofNullable(metadata.remove(field)).map(value -> value.getAsString()).filter(value -> !value.isEmpty());
    }

    private static Client known(State state, String id) {
        return Optional.ofNullable(state.clients.get(id)).orElseThrow(() -> Refusal.withoutBody(401));
    }

    private static void refuseTakenName(State state, Client client) {
        for (Client other : state.clients.values()) {
            if (other.name().equals(client.name()) && !other.id().equals(client.id())) {
                String text = "Application with the name " + client.name() + " already exist in the system";
                throw new Refusal(400, "invalid_client_metadata", text);
            }
        }
    }

    private static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
