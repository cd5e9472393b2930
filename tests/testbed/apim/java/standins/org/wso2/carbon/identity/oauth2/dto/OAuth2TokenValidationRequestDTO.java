package org.wso2.carbon.identity.oauth2.dto;

/** Stand-in: the token that is asked about. */
public class OAuth2TokenValidationRequestDTO {

    private OAuth2AccessToken accessToken;

    public OAuth2AccessToken getAccessToken() {
        return accessToken;
    }

    public void setAccessToken(OAuth2AccessToken accessToken) {
        this.accessToken = accessToken;
    }

    public void setContext(TokenValidationContextParam[] context) {
        // nothing here depends on it
    }

    /** The token itself. */
    public class OAuth2AccessToken {

        private String identifier;

        public String getIdentifier() {
            return identifier;
        }

        public void setIdentifier(String identifier) {
            this.identifier = identifier;
        }

        public void setTokenType(String tokenType) {
            // there are bearer tokens only
        }
    }

    /** Named by the signature of setContext. */
    public class TokenValidationContextParam {
    }
}
