package org.wso2.carbon.identity.oauth2;

import carbonops.testbed.apim.IssuedTokens;
import org.wso2.carbon.identity.oauth2.dto.OAuth2ClientApplicationDTO;
import org.wso2.carbon.identity.oauth2.dto.OAuth2TokenValidationRequestDTO;

/** Stand-in: what the product asks its own OAuth server of an access token; scopes are checked by the product's classes. */
public class OAuth2TokenValidationService {

    public OAuth2ClientApplicationDTO findOAuthConsumerIfTokenIsValid(OAuth2TokenValidationRequestDTO request) {
        return new OAuth2ClientApplicationDTO(IssuedTokens.validate(request.getAccessToken().getIdentifier()));
    }
}
