package org.blobarena.store.internal.recovery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the classes of the library, and those of others that it needs later, before the first store is open.
 *
 * <p>A class that is first needed where an error is dealt with, at a close, or in a compaction would be loaded when there
 * may be no memory, no stack or no descriptor for it. And the JVM does not try twice to initialise a class: it would be
 * unusable for as long as the process lives, and with it whatever needs it.
 *
 * <p>The build lists the library's own classes; where the list is missing, as in a development environment, each is loaded
 * when it is needed. Safe from any thread.
 */
final class LoadedClasses {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedClasses.class);

    private static final List<String> MODULES = List.of("arena", "index", "index-chronicle", "store");

    /** Loaded, but initialised by who uses them: they need a library that may not be there, or not be used. */
    private static final List<String> LOADED_ONLY =
            List.of("org.blobarena.index.", "org.blobarena.store.internal.record.Zstd");

    /** Of other libraries, and not needed for opening a store. Those of Chronicle are initialised by who uses them. */
    private static final List<String> OTHERS = List.of(
            "net.openhft.hashing.Maths",
            "net.openhft.hashing.MathsJDK9",
            "net.openhft.chronicle.algo.bytes.ArrayAccessors$Long",
            "net.openhft.chronicle.hash.impl.ContextHolder",
            "net.openhft.chronicle.hash.impl.util.Throwables",
            "net.openhft.chronicle.core.OS$Unmapp0Holder");

    private static boolean done;

    private LoadedClasses() {}

    /** Does its work once; after an error the next call goes on. */
    static synchronized void ensure() {
        if (!done) {
            MODULES.forEach(LoadedClasses::loadListed);
            OTHERS.forEach(name -> load(name, name.startsWith("net.openhft.hashing.")));
            done = true;
        }
    }

    private static void loadListed(String module) {
        // From the loader and not from the class, which would look into its own module alone.
        ClassLoader loader = LoadedClasses.class.getClassLoader();
        try (InputStream list = loader.getResourceAsStream("META-INF/blobarena/" + module + ".classes")) {
            if (list == null) {
                LOG.debug("there is no list of the classes of {}: they are loaded one by one", module);
                return;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                load(name, LOADED_ONLY.stream().noneMatch(name::startsWith));
            }
        } catch (IOException e) {
            LOG.debug("the list of the classes of {} cannot be read: they are loaded one by one", module, e);
        }
    }

    private static void load(String name, boolean initialized) {
        try {
            Class.forName(name, initialized, LoadedClasses.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // Left out when the library was packaged, or what it stands on is.
            LOG.debug("the class {} cannot be loaded ahead", name, e);
        }
    }
}
