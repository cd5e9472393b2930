package carbonops.testbed.is7;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A method and a path, which may have {id} and {name} in it, and the endpoint behind them. */
final class Route {
    private final String method;
    private final Pattern path;
    private final Endpoint endpoint;

    Route(String method, String path, Endpoint endpoint) {
        this.method = method;
        String pattern = path.replace(".", "\\.").replace("{id}", "(?<id>[^/]+)").replace("{name}", "(?<name>[^/]+)");
        this.path = Pattern.compile(pattern + "/?");
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
        request.setParts(part(matcher, "id"), part(matcher, "name"));
        return true;
    }

    private String part(Matcher matcher, String name) {
        return path.pattern().contains("(?<" + name + ">") ? matcher.group(name) : null;
    }
}
