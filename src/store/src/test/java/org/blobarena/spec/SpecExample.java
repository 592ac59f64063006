package org.blobarena.spec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What is derived from a key of the user's and the files of an encrypted store of one key and one file. */
public final class SpecExample {

    private SpecExample() {}

    /** The values by what store-format.md calls them. */
    public static Map<String, String> derived(Map<String, byte[]> files, byte[] key) {
        byte[] storeId = Arrays.copyOfRange(files.get("STORE"), 16, 32);
        byte[] none = new byte[0];
        byte[] wrapping = SpecCipher.hkdf(key, none, SpecCipher.join(ascii("blobarena wrap"), storeId), 32);
        byte[] keys = files.get("KEYS");
        byte[] secret =
                Objects.requireNonNull(new SpecCipher(wrapping).open(Arrays.copyOfRange(keys, 40, 100), storeId));
        byte[] header = Arrays.copyOf(files.get("00000001.arena"), 64);
        HexFormat hex = HexFormat.of();
        Map<String, String> derived = new TreeMap<>();
        derived.put(
                "check of key 1",
                hex.formatHex(SpecCipher.hkdf(key, none, SpecCipher.join(ascii("blobarena check"), storeId), 16)));
        derived.put("wrapping key", hex.formatHex(wrapping));
        derived.put("secret of the store", hex.formatHex(secret));
        derived.put(
                "key of file 1",
                hex.formatHex(SpecCipher.hkdf(
                        key,
                        Arrays.copyOfRange(header, 48, 60),
                        SpecCipher.join(ascii("blobarena file"), Arrays.copyOf(header, 60)),
                        32)));
        derived.put("hash of `key`", hex.formatHex(SpecCipher.hmac(secret, ascii("key")), 0, 16));
        return derived;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
