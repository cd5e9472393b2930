package org.wso2.carbon.apimgt.spec.parser.definitions;

import carbonops.testbed.apim.AdminApiDocument;
import java.util.LinkedHashSet;
import java.util.Set;
import org.wso2.carbon.apimgt.api.APIDefinition;
import org.wso2.carbon.apimgt.api.model.Scope;

/** Stand-in: Maven Central lacks the product's OpenAPI parser, which the settings resource asks for all scopes. */
public final class OASParserUtil {

    private OASParserUtil() {
    }

    public static APIDefinition getOASParser(String document) {
        return new ScopesOnly();
    }

    private static final class ScopesOnly extends APIDefinition {

        @Override
        public Set<Scope> getScopes(String document) {
            Set<Scope> scopes = new LinkedHashSet<>();
            new AdminApiDocument(document).operations().forEach(operation -> scopes.addAll(operation.scopes()));
            return scopes;
        }
    }
}
