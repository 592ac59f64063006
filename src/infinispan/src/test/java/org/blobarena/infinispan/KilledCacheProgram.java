package org.blobarena.infinispan;

import java.nio.file.Path;
import java.util.Arrays;
import org.infinispan.Cache;

/** Puts and removes until it is killed, and prints the number of each step when it has returned. */
final class KilledCacheProgram {

    static final int KEYS = 300;

    private KilledCacheProgram() {}

    public static void main(String[] args) {
        TestNode node = new TestNode(Path.of(args[0]));
        Cache<String, byte[]> cache = node.cache();
        for (int step = 0; step < Integer.MAX_VALUE; step++) {
            if (isRemoval(step)) {
                cache.remove(key(step));
            } else {
                cache.put(key(step), value(step));
            }
            System.out.println(step);
        }
    }

    static String key(int step) {
        return "key-" + step * 7 % KEYS;
    }

    static boolean isRemoval(int step) {
        return step % 5 == 4;
    }

    static byte[] value(int step) {
        byte[] value = new byte[step % 3 == 0 ? 100_000 : 300];
        Arrays.fill(value, (byte) step);
        return value;
    }
}
