package org.wso2.carbon.identity.oauth2.dto;

/** Stand-in: whether a token is good, whose it is, what it may do, and for how many seconds. */
public class OAuth2TokenValidationResponseDTO {

    private final String user;
    private final String[] scopes;
    private final long seconds;

    public OAuth2TokenValidationResponseDTO(String user, String[] scopes, long seconds) {
        this.user = user;
        this.scopes = scopes.clone();
        this.seconds = seconds;
    }

    public static OAuth2TokenValidationResponseDTO invalid() {
        return new OAuth2TokenValidationResponseDTO(null, new String[0], 0);
    }

    public boolean isValid() {
        return user != null;
    }

    public String getErrorMsg() {
        return isValid() ? null : "Invalid Access Token. Access token is not ACTIVE.";
    }

    public String getAuthorizedUser() {
        return user;
    }

    public long getExpiryTime() {
        return seconds;
    }

    public String[] getScope() {
        return scopes.clone();
    }
}
