package org.wso2.carbon.core.util;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Stand-in: the real one needs the kernel's keystore and crypto bundles; this one is reversible and hides nothing. */
public final class CryptoUtil {

    private static final String MARK = "enc:";
    private static final CryptoUtil INSTANCE = new CryptoUtil();

    public static CryptoUtil getDefaultCryptoUtil() {
        return INSTANCE;
    }

    public String encryptAndBase64Encode(byte[] plain) {
        return Base64.getEncoder().encodeToString(encrypt(plain));
    }

    public byte[] base64DecodeAndDecrypt(String text) {
        return decrypt(Base64.getDecoder().decode(text));
    }

    public byte[] encrypt(byte[] plain) {
        return (MARK + new String(plain, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
    }

    public byte[] decrypt(byte[] encrypted) {
        return new String(encrypted, StandardCharsets.UTF_8).substring(MARK.length()).getBytes(StandardCharsets.UTF_8);
    }
}
