package carbonops.testbed.is7;

/** The user who sends a request: a name of one tenant. */
final class Caller {
    private final String name;
    private final Tenant tenant;
    private final Users users;

    Caller(String name, Tenant tenant, Users users) {
        this.name = name;
        this.tenant = tenant;
        this.users = users;
    }

    String name() {
        return name;
    }

    Tenant tenant() {
        return tenant;
    }

    String id() throws Exception {
        return users.id(name);
    }
}
