package carbonops.testbed.apim;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletRequestWrapper;
import javax.servlet.http.HttpServletResponse;

/** Turns a token of ours into the Basic credentials of its user: the product's token validation isn't here. */
final class AdminBearerFilter implements Filter {

    private static final Set<String> ALL = Set.of("apim:admin", "apim:admin_operations");
    private static final Set<String> SETTINGS = Set.of("apim:admin", "apim:admin_settings");

    private final Users users;
    private final Tokens tokens;

    AdminBearerFilter(Users users, Tokens tokens) {
        this.users = users;
        this.tokens = tokens;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        String header = http.getHeader("Authorization");
        if (header == null || !header.startsWith("Bearer ")) {
            chain.doFilter(request, response);
            return;
        }
        Tokens.Token token = read(header);
        if (token == null || !token.hasAnyOf(http.getRequestURI().endsWith("/settings") ? SETTINGS : ALL)) {
            ApiException refused = ApiException.unauthenticated();
            Answer.json((HttpServletResponse) response, refused.status(), refused.body());
            return;
        }
        chain.doFilter(new AsBasic(http, BasicCredentials.header(token.user(), users.passwordOf(token.user()))), response);
    }

    private Tokens.Token read(String header) throws ServletException {
        try {
            return tokens.of(header);
        } catch (SQLException e) {
            throw new ServletException(e);
        }
    }

    private static final class AsBasic extends HttpServletRequestWrapper {

        private final String authorization;

        private AsBasic(HttpServletRequest request, String authorization) {
            super(request);
            this.authorization = authorization;
        }

        @Override
        public String getHeader(String name) {
            return name.equalsIgnoreCase("Authorization") ? authorization : super.getHeader(name);
        }

        @Override
        public java.util.Enumeration<String> getHeaders(String name) {
            return name.equalsIgnoreCase("Authorization")
                    ? java.util.Collections.enumeration(java.util.List.of(authorization))
                    : super.getHeaders(name);
        }
    }
}
