package org.wso2.carbon.identity.oauth2.dto;

/** Stand-in: the answer about a token, with the client that got it. */
public class OAuth2ClientApplicationDTO {

    private final OAuth2TokenValidationResponseDTO response;

    public OAuth2ClientApplicationDTO(OAuth2TokenValidationResponseDTO response) {
        this.response = response;
    }

    public String getConsumerKey() {
        return "testbed";
    }

    public OAuth2TokenValidationResponseDTO getAccessTokenValidationResponse() {
        return response;
    }
}
