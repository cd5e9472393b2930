package carbonops.testbed.is7;

import java.util.List;
import java.util.Map;

/** Says that the server serves requests and reaches its user store. */
final class Health implements Endpoint {
    private final Users users;

    Health(Users users) {
        this.users = users;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        return Answer.ok(Map.of("health", List.of(Map.of("key", "user.store.roles", "value", users.roles().size()))));
    }
}
