package carbonops.testbed.is7;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The public key that tokens are verified with. */
final class Jwks implements Endpoint {
    private final SigningKey key;

    Jwks(SigningKey key) {
        this.key = key;
    }

    @Override
    public Answer answer(Request request) throws Exception {
        X509Certificate certificate = key.certificate();
        RSAPublicKey rsa = (RSAPublicKey) certificate.getPublicKey();
        Map<String, Object> jwk = new LinkedHashMap<>();
        jwk.put("kty", "RSA");
        jwk.put("use", "sig");
        jwk.put("alg", "RS256");
        jwk.put("kid", key.id());
        jwk.put("x5t#S256", key.thumbprint());
        jwk.put("x5c", List.of(Base64.getEncoder().encodeToString(certificate.getEncoded())));
        jwk.put("n", encode(rsa.getModulus()));
        jwk.put("e", encode(rsa.getPublicExponent()));
        return Answer.ok(Map.of("keys", List.of(jwk)));
    }

    private static String encode(BigInteger number) {
        byte[] bytes = number.toByteArray();
        boolean signByte = bytes.length > 1 && bytes[0] == 0;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signByte ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }
}
