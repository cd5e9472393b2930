package carbonops.testbed.apim;

import java.sql.SQLException;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;

/** Who calls, by Basic or Bearer authentication. */
final class Callers {

    private final Users users;
    private final Tokens tokens;

    Callers(Users users, Tokens tokens) {
        this.users = users;
        this.tokens = tokens;
    }

    String basicUser(HttpServletRequest request) throws ApiException {
        BasicCredentials credentials = BasicCredentials.of(request.getHeader("Authorization"));
        if (credentials == null || !users.authenticate(credentials.name(), credentials.password())) {
            throw ApiException.unauthenticated();
        }
        return credentials.name();
    }

    String user(HttpServletRequest request, Set<String> scopes) throws ApiException, SQLException {
        String header = request.getHeader("Authorization");
        if (header == null || !header.startsWith("Bearer ")) {
            return basicUser(request);
        }
        Tokens.Token token = tokens.of(header);
        if (token == null || !token.hasAnyOf(scopes)) {
            throw ApiException.unauthenticated();
        }
        return token.user();
    }
}
