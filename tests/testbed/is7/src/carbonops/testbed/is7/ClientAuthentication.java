package carbonops.testbed.is7;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Finds the OAuth2 client that sends a request, by the Authorization header or by the form. */
final class ClientAuthentication {
    private final Store store;

    ClientAuthentication(Store store) {
        this.store = store;
    }

    Client clientOf(Request request) {
        Credentials given = request.basicCredentials();
        if (given == null) {
            given = new Credentials(request.parameter("client_id"), request.parameter("client_secret"));
        }
        if (given.name == null) {
            throw new Refusal(401, "invalid_client", "Missing parameters: client_id");
        }
        String id = given.name;
        Client client = store.read(state -> state.clients.get(id));
        if (client == null) {
            throw new Refusal(401, "invalid_client", "A valid OAuth client could not be found for client_id: " + id);
        }
        if (given.password == null || !same(given.password, client.secret())) {
            throw new Refusal(401, "invalid_client", "Client credentials are invalid.");
        }
        return client;
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
