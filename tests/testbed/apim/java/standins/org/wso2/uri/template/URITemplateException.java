package org.wso2.uri.template;

/** Stand-in: named by the signature of URITemplate. */
public class URITemplateException extends Exception {

    private static final long serialVersionUID = 1L;

    public URITemplateException(String message) {
        super(message);
    }
}
