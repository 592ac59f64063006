package org.blobarena.infinispan.cluster;

import java.util.Random;

/** The entries of the cluster: 1 to 200 KB of bytes that follow from the number. */
final class Blobs {

    private static final int BYTES_MIN = 1_000;
    private static final int BYTES_MAX = 200_000;

    private Blobs() {}

    static String key(int number) {
        return "blob-" + number;
    }

    static byte[] value(int number) {
        Random random = new Random(number);
        byte[] value = new byte[BYTES_MIN + random.nextInt(BYTES_MAX - BYTES_MIN + 1)];
        random.nextBytes(value);
        return value;
    }
}
