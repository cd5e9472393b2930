package carbonops.testbed.apim;

import java.util.Map;
import java.util.Set;

/** The super administrator of deployment.toml, one user without any role of weight, and two with roles of the site. */
final class Users {

    static final String ADMIN_ROLE = "admin";
    static final String EVERYONE = "Internal/everyone";
    static final String SUBSCRIBER = "Internal/subscriber";
    static final String KEY_MANAGERS = "keymanagers";
    static final String OPERATIONS = "operations";

    private static final Map<String, String[]> ROLES = Map.of(
            "joe", new String[] {EVERYONE},
            "kim", new String[] {EVERYONE, SUBSCRIBER, KEY_MANAGERS},
            "ola", new String[] {EVERYONE, OPERATIONS});

    private final String admin;
    private final Map<String, String> passwords;

    Users(Deployment deployment) {
        admin = deployment.text("super_admin.username", "admin");
        passwords = Map.of(admin, deployment.text("super_admin.password", "admin"), "joe", "joe123", "kim", "kim123", "ola", "ola123");
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

    boolean roleExists(String role) {
        return Set.of(ADMIN_ROLE, EVERYONE, SUBSCRIBER, KEY_MANAGERS, OPERATIONS).contains(role);
    }

    String[] rolesOf(String name) {
        return isAdmin(name) ? new String[] {ADMIN_ROLE, EVERYONE} : ROLES.get(name).clone();
    }

    boolean isAdmin(String name) {
        return admin.equals(name);
    }
}
