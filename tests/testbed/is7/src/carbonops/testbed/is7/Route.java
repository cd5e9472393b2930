package carbonops.testbed.is7;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A method and a path, where the path may end with {id}, and the endpoint behind them. */
final class Route {
    private final String method;
    private final Pattern path;
    private final Endpoint endpoint;

    Route(String method, String path, Endpoint endpoint) {
        this.method = method;
        this.path = Pattern.compile(path.replace(".", "\\.").replace("{id}", "(?<id>[^/]+)") + "/?");
        this.endpoint = endpoint;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    boolean hasPath(Request request) {
        return path.matcher(request.path()).matches();
    }

    boolean matches(Request request) {
        Matcher matcher = path.matcher(request.path());
        if (!method.equals(request.method()) || !matcher.matches()) {
            return false;
        }
        if (path.pattern().contains("(?<id>")) {
            request.setId(matcher.group("id"));
        }
        return true;
    }
}
