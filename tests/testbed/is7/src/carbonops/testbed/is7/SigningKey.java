package carbonops.testbed.is7;

import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;

import org.apache.commons.codec.binary.Hex;
import org.wso2.carbon.base.MultitenantConstants;
import org.wso2.carbon.core.util.KeyStoreManager;

/** The key of the server's primary key store, as its own key store manager hands it out. */
final class SigningKey {
    PrivateKey privateKey() throws Exception {
        return keys().getDefaultPrivateKey();
    }

    X509Certificate certificate() throws Exception {
        return keys().getDefaultPrimaryCertificate();
    }

    /** The certificate's SHA-256 in the encoding that WSO2 uses in its key ids. */
    String thumbprint() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate().getEncoded());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Hex.encodeHexString(digest).getBytes());
    }

    String id() throws Exception {
        return thumbprint() + "_RS256";
    }

    private static KeyStoreManager keys() {
        return KeyStoreManager.getInstance(MultitenantConstants.SUPER_TENANT_ID);
    }
}
