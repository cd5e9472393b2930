package carbonops.testbed.apim;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;

/** The access tokens this server gave out. */
final class Tokens {

    static final long LIFETIME_SECONDS = 3600;

    /** Whose token it is and what it may do. */
    static final class Token {

        private final String user;
        private final Set<String> scopes;

        private Token(String user, Set<String> scopes) {
            this.user = user;
            this.scopes = scopes;
        }

        String user() {
            return user;
        }

        Set<String> scopes() {
            return scopes;
        }

        boolean hasAnyOf(Set<String> wanted) {
            return wanted.stream().anyMatch(scopes::contains);
        }
    }

    private final Database database;

    Tokens(Database database) {
        this.database = database;
    }

    String issue(String user, Set<String> scopes) throws SQLException {
        String token = UUID.randomUUID().toString();
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO TESTBED_TOKEN (TOKEN, USERNAME, SCOPES, EXPIRES) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, token);
            insert.setString(2, user);
            insert.setString(3, String.join(" ", scopes));
            insert.setLong(4, System.currentTimeMillis() + 1000 * LIFETIME_SECONDS);
            insert.executeUpdate();
        }
        return token;
    }

    /** Null when the header holds no token of ours that is still good. */
    Token of(String header) throws SQLException {
        if (header == null || !header.startsWith("Bearer ")) {
            return null;
        }
        try (Connection connection = database.connect();
                PreparedStatement select = connection.prepareStatement("SELECT USERNAME, SCOPES FROM TESTBED_TOKEN WHERE TOKEN = ? AND EXPIRES > ?")) {
            select.setString(1, header.substring("Bearer ".length()).trim());
            select.setLong(2, System.currentTimeMillis());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? new Token(row.getString(1), Set.of(row.getString(2).split(" "))) : null;
            }
        }
    }
}
