package carbonops.testbed.apim;

import java.util.Map;
import java.util.Set;

/** The super administrator of deployment.toml, and one user without any role of weight. */
final class Users {

    static final String ADMIN_ROLE = "admin";
    static final String EVERYONE = "Internal/everyone";
    static final String SUBSCRIBER = "Internal/subscriber";

    private final String admin;
    private final Map<String, String> passwords;

    Users(Deployment deployment) {
        admin = deployment.text("super_admin.username", "admin");
        passwords = Map.of(admin, deployment.text("super_admin.password", "admin"), "joe", "joe123");
    }

    String admin() {
        return admin;
    }

    boolean exists(String name) {
        return passwords.containsKey(name);
    }

    boolean authenticate(String name, String password) {
        return passwords.containsKey(name) && passwords.get(name).equals(password);
    }

    String passwordOf(String name) {
        return passwords.get(name);
    }

    boolean roleExists(String role) {
        return Set.of(ADMIN_ROLE, EVERYONE, SUBSCRIBER).contains(role);
    }

    String[] rolesOf(String name) {
        return isAdmin(name) ? new String[] {ADMIN_ROLE, EVERYONE} : new String[] {EVERYONE};
    }

    boolean isAdmin(String name) {
        return admin.equals(name);
    }
}
