package org.blobarena.arena.internal.lock;

import java.security.Security;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The files that this JVM holds locks of, whichever class loader has loaded the library.
 *
 * <p>POSIX drops the locks that a process has on a file when it closes any descriptor of it. So whether a file is held
 * here must be known before it is opened. What all class loaders share are the classes of the JDK: the files stand in a
 * security property. System properties would do but for programs that save them and put them back as a whole.
 */
final class HeldFiles {

    private static final String PROPERTY = "org.blobarena.held";
    private static final String SEPARATOR = "\n";

    /** A monitor that is the same for all class loaders. */
    private static final Object SHARED = Security.class;

    private HeldFiles() {}

    /** Enters a file; false when it is there already. */
    static boolean add(String file) {
        synchronized (SHARED) {
            Set<String> files = all();
            boolean added = files.add(file);
            set(files);
            return added;
        }
    }

    static boolean contains(String file) {
        return all().contains(file);
    }

    static void remove(String file) {
        synchronized (SHARED) {
            Set<String> files = all();
            files.remove(file);
            set(files);
        }
    }

    static Set<String> all() {
        String text = Security.getProperty(PROPERTY);
        return text == null || text.isEmpty()
                ? new LinkedHashSet<>()
                : new LinkedHashSet<>(Arrays.asList(text.split(SEPARATOR)));
    }

    private static void set(Set<String> files) {
        Security.setProperty(PROPERTY, String.join(SEPARATOR, files));
    }
}
