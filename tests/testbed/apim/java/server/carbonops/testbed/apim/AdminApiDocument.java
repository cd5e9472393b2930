package carbonops.testbed.apim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.wso2.carbon.apimgt.api.model.Scope;
import org.wso2.carbon.apimgt.api.model.URITemplate;
import org.yaml.snakeyaml.Yaml;

/** The operations of the Admin REST API's own OpenAPI document, with the scopes each asks for. */
public final class AdminApiDocument {

    /** One path and method. */
    public static final class Operation {

        private final String path;
        private final String method;
        private final Set<Scope> scopes;

        private Operation(String path, String method, Set<Scope> scopes) {
            this.path = path;
            this.method = method;
            this.scopes = scopes;
        }

        public Set<Scope> scopes() {
            return scopes;
        }

        URITemplate template() {
            URITemplate template = new URITemplate();
            template.setUriTemplate(path);
            template.setHTTPVerb(method.toUpperCase());
            template.setResourceURI("/api/am/admin/");
            scopes.forEach(template::setScopes);
            return template;
        }
    }

    private final List<Operation> operations = new ArrayList<>();

    public AdminApiDocument(String yaml) {
        Map<String, Object> document = new Yaml().load(yaml);
        for (Map.Entry<String, Object> path : map(document.get("paths")).entrySet()) {
            for (Map.Entry<String, Object> method : map(path.getValue()).entrySet()) {
                if (method.getValue() instanceof Map) {
                    operations.add(new Operation(path.getKey(), method.getKey(), scopesOf(map(method.getValue()))));
                }
            }
        }
    }

    static AdminApiDocument bundled() throws IOException {
        try (InputStream stream = AdminApiDocument.class.getResourceAsStream("/admin-api.yaml")) {
            return new AdminApiDocument(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    public List<Operation> operations() {
        return operations;
    }

    private static Set<Scope> scopesOf(Map<String, Object> operation) {
        Set<Scope> scopes = new LinkedHashSet<>();
        for (Object requirement : (List<?>) operation.getOrDefault("security", List.of())) {
            for (Object keys : map(requirement).values()) {
                ((List<?>) keys).forEach(key -> scopes.add(scope((String) key)));
            }
        }
        return scopes;
    }

    private static Scope scope(String key) {
        Scope scope = new Scope();
        scope.setKey(key);
        scope.setName(key);
        return scope;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
