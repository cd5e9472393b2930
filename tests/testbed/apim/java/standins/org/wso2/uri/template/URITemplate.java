package org.wso2.uri.template;

import java.util.Map;
import java.util.regex.Pattern;

/** Stand-in: Maven Central lacks wso2-uri-templates; the Admin API needs plain {x} path templates only. */
public class URITemplate {

    private final Pattern pattern;

    public URITemplate(String template) throws URITemplateException {
        pattern = Pattern.compile(template.replaceAll("\\{[^}]*}", "[^/]+") + "/?");
    }

    public boolean matches(String uri, Map<String, String> variables) {
        return pattern.matcher(uri.replaceAll("\\?.*", "")).matches();
    }
}
