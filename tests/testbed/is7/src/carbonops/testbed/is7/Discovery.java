package carbonops.testbed.is7;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The OpenID Connect discovery document. */
final class Discovery implements Endpoint {
    static final List<String> GRANT_TYPES = List.of(
            "password",
            "client_credentials",
            "refresh_token",
            "authorization_code",
            "iwa:ntlm",
            "urn:ietf:params:oauth:grant-type:saml2-bearer",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:token-exchange");

    private final ServerAddress address;

    Discovery(ServerAddress address) {
        this.address = address;
    }

    @Override
    public Answer answer(Request request) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", address.issuer());
        document.put("authorization_endpoint", address.url("/oauth2/authorize"));
        document.put("token_endpoint", address.url("/oauth2/token"));
        document.put("introspection_endpoint", address.url("/oauth2/introspect"));
        document.put("revocation_endpoint", address.url("/oauth2/revoke"));
        document.put("userinfo_endpoint", address.url("/oauth2/userinfo"));
        document.put("jwks_uri", address.url("/oauth2/jwks"));
        document.put("registration_endpoint", address.url("/api/identity/oauth2/dcr/v1.1/register"));
        document.put("device_authorization_endpoint", address.url("/oauth2/device_authorize"));
        document.put("pushed_authorization_request_endpoint", address.url("/oauth2/par"));
        document.put("end_session_endpoint", address.url("/oidc/logout"));
        document.put("grant_types_supported", GRANT_TYPES);
        document.put("response_types_supported", List.of("code", "token", "id_token", "id_token token", "code id_token", "none"));
        document.put("response_modes_supported", List.of("query", "fragment", "form_post"));
        document.put("subject_types_supported", List.of("public", "pairwise"));
        document.put("scopes_supported", List.of("openid", "profile", "email", "address", "phone"));
        document.put("claims_supported", List.of("iss", "sub", "aud", "exp", "iat"));
        document.put("id_token_signing_alg_values_supported", List.of("RS256"));
        document.put("token_endpoint_auth_methods_supported", List.of("client_secret_basic", "client_secret_post"));
        document.put("code_challenge_methods_supported", List.of("S256", "plain"));
        return Answer.ok(document);
    }
}
