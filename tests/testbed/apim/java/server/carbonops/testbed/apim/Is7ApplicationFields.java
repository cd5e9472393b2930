package carbonops.testbed.apim;

import java.util.List;
import org.wso2.carbon.apimgt.api.model.ConfigurationDto;
import org.wso2.carbon.apimgt.impl.APIConstants;

/** What the connector of type WSO2-IS-7 lets an application choose for its client; the same in every release. */
final class Is7ApplicationFields {

    private Is7ApplicationFields() {
    }

    static List<ConfigurationDto> all() {
        return List.of(
                lifetime("ext_application_token_lifetime", "Application Token "),
                lifetime("ext_user_token_lifetime", "User Token "),
                lifetime("ext_refresh_token_lifetime", "Refresh Token "),
                lifetime("ext_id_token_lifetime", "ID Token"),
                choice("ext_pkce_mandatory", "Enable PKCE", "Enable PKCE"),
                choice("ext_pkce_support_plain", "Support PKCE Plain text", "S256 is recommended, plain text too can be used."),
                choice("ext_public_client", "Public client", "Allow authentication without the client secret."));
    }

    private static ConfigurationDto lifetime(String name, String of) {
        return new ConfigurationDto(name, "Lifetime of the " + of, "input", "Type Lifetime of the " + of.trim() + " in seconds ",
                APIConstants.KeyManager.NOT_APPLICABLE_VALUE, false, false, List.of(), false);
    }

    private static ConfigurationDto choice(String name, String label, String tooltip) {
        return new ConfigurationDto(name, label, "checkbox", tooltip, String.valueOf(false), false, false, List.of(), false);
    }
}
