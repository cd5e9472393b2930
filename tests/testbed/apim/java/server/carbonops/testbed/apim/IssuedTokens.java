package carbonops.testbed.apim;

import java.sql.SQLException;
import org.wso2.carbon.identity.oauth2.dto.OAuth2TokenValidationResponseDTO;

/** What the product's classes are told of the tokens that this server gave out. */
public final class IssuedTokens {

    private static volatile Tokens tokens;

    private IssuedTokens() {
    }

    static void are(Tokens issued) {
        tokens = issued;
    }

    public static OAuth2TokenValidationResponseDTO validate(String value) {
        try {
            Tokens.Token token = tokens.of("Bearer " + value);
            return token == null ? OAuth2TokenValidationResponseDTO.invalid()
                    : new OAuth2TokenValidationResponseDTO(
                            token.user() + "@" + UserRealms.TENANT_DOMAIN, token.scopes().toArray(new String[0]), Tokens.LIFETIME_SECONDS);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
