package org.blobarena.store.internal.recovery;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.blobarena.store.internal.watch.Recordings;
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

    private static final List<String> MODULES = List.of("arena", "index", "store");

    /** Loaded, but initialised by who uses them: they need a library that may not be there, or not be used. */
    private static final List<String> LOADED_ONLY =
            List.of("org.blobarena.index.chronicle.", "org.blobarena.store.internal.record.Zstd");

    /** Of other libraries, and not needed for opening a store. */
    private static final List<String> OTHERS = List.of(
            "com.dynatrace.hash4j.hashing.HashValue128",
            "com.dynatrace.hash4j.internal.ByteArrayUtil",
            "com.dynatrace.hash4j.internal.UnsignedMultiplyUtil");

    /** The index that has a module and a library of its own, which are left alone where it is not used. */
    private static final String CHRONICLE_MAP = "chronicle-map";

    private static final String MODULE_OF_CHRONICLE_MAP = "index-chronicle";

    private static final List<String> OF_CHRONICLE_MAP = List.of(
            "net.openhft.chronicle.algo.bytes.ArrayAccessors$Long",
            "net.openhft.chronicle.hash.impl.ContextHolder",
            "net.openhft.chronicle.hash.impl.util.Throwables",
            "net.openhft.chronicle.core.OS$Unmapp0Holder");

    /** Where events may be recorded their classes are loaded, but not elsewhere: the recorder of the JDK begins with them. */
    private static final String MODULE_OF_EVENTS = "store";

    private static final String EVENTS = "org.blobarena.store.internal.watch.";

    private static boolean done;
    private static boolean eventsDone;
    private static boolean chronicleMapDone;

    private LoadedClasses() {}

    /**
     * Does its work once for each index; after an error the next call goes on.
     *
     * @param index its name
     */
    static synchronized void ensure(String index) {
        if (!done) {
            MODULES.forEach(module -> loadListed(module, name -> !isEvent(name)));
            OTHERS.forEach(name -> load(name, true));
            done = true;
        }
        if (!eventsDone && Recordings.mayRun()) {
            loadListed(MODULE_OF_EVENTS, LoadedClasses::isEvent);
            eventsDone = true;
        }
        if (!chronicleMapDone && index.equals(CHRONICLE_MAP)) {
            loadListed(MODULE_OF_CHRONICLE_MAP, name -> true);
            OF_CHRONICLE_MAP.forEach(name -> load(name, false));
            chronicleMapDone = true;
        }
    }

    private static boolean isEvent(String name) {
        return name.startsWith(EVENTS) && name.endsWith("Event");
    }

    private static void loadListed(String module, Predicate<String> wanted) {
        // From the loader and not from the class, which would look into its own module alone.
        ClassLoader loader = LoadedClasses.class.getClassLoader();
        try (InputStream list = loader.getResourceAsStream("META-INF/blobarena/" + module + ".classes")) {
            if (list == null) {
                LOG.debug("there is no list of the classes of {}: they are loaded one by one", module);
                return;
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
            for (String name = lines.readLine(); name != null; name = lines.readLine()) {
                if (wanted.test(name)) {
                    load(name, LOADED_ONLY.stream().noneMatch(name::startsWith));
                }
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
