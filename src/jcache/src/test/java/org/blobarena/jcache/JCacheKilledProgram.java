package org.blobarena.jcache;

import java.nio.file.Path;
import javax.cache.Cache;

/** Puts until it is killed, and prints the number of each put when it has returned. */
final class JCacheKilledProgram {

    private JCacheKilledProgram() {}

    public static void main(String[] args) {
        TestManager manager = new TestManager(Path.of(args[0]));
        Cache<String, String> texts = manager.texts();
        for (int i = 0; i < Integer.MAX_VALUE; i++) {
            texts.put("key-" + i, value(i));
            System.out.println(i);
        }
    }

    static String value(int number) {
        return ("value-" + number + " ").repeat(number % 50 + 1);
    }
}
