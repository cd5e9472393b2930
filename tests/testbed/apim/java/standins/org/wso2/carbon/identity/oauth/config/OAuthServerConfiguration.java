package org.wso2.carbon.identity.oauth.config;

import java.util.Map;
import java.util.TreeMap;

/** Stand-in: the answers the product takes from its own OAuth server to fill in the "Resident Key Manager". */
public final class OAuthServerConfiguration {

    private static final OAuthServerConfiguration INSTANCE = new OAuthServerConfiguration();

    public static OAuthServerConfiguration getInstance() {
        return INSTANCE;
    }

    public long getApplicationAccessTokenValidityPeriodInSeconds() {
        return 3600;
    }

    public String getOpenIDConnectIDTokenIssuerIdentifier() {
        return System.getProperty("carbonops.testbed.resident.issuer");
    }

    public boolean isClientSecretHashEnabled() {
        return false;
    }

    public Map<String, Object> getSupportedGrantTypes() {
        Map<String, Object> grants = new TreeMap<>();
        grants.put("password", null);
        grants.put("client_credentials", null);
        grants.put("refresh_token", null);
        grants.put("authorization_code", null);
        grants.put("urn:ietf:params:oauth:grant-type:jwt-bearer", null);
        return grants;
    }
}
