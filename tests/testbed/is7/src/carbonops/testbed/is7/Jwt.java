package carbonops.testbed.is7;

import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Base64;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;

/** Writes and reads JSON web tokens signed with RS256 by the server's key. */
final class Jwt {
    private static final String ALGORITHM = "SHA256withRSA";

    private final SigningKey key;

    Jwt(SigningKey key) {
        this.key = key;
    }

    String sign(JsonObject claims) throws Exception {
        JsonObject header = new JsonObject();
        header.addProperty("x5t#S256", key.thumbprint());
        header.addProperty("kid", key.id());
        header.addProperty("typ", "at+jwt");
        header.addProperty("alg", "RS256");
        String content = encode(Json.GSON.toJson(header)) + "." + encode(Json.GSON.toJson(claims));
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key.privateKey());
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    /** The claims of a token that this server's key signed, or null. */
    JsonObject verify(String token) throws Exception {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key.certificate().getPublicKey());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.UTF_8));
            byte[] signed = Base64.getUrlDecoder().decode(parts[2]);
            return signature.verify(signed) ? decode(parts[1]) : null;
        } catch (SignatureException | IllegalArgumentException malformed) {
            return null;
        }
    }

    /** What a token says, whoever signed it, or null. */
    static JsonObject unverified(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            return parts.length == 3 ? decode(parts[1]) : null;
        } catch (IllegalArgumentException | JsonParseException malformed) {
            return null;
        }
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonObject decode(String part) {
        return Json.GSON.fromJson(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8), JsonObject.class);
    }
}
