package org.blobarena.index.chronicle.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import net.openhft.chronicle.core.announcer.Announcer;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;
import net.openhft.chronicle.core.shutdown.PriorityHook;
import net.openhft.chronicle.hash.impl.util.CleanerUtils;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.internal.AnalyticsHolder;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/**
 * Makes Chronicle Map ready so that it changes as little as possible of the JVM that it runs in.
 *
 * <p>It reads its switches from system properties, once, when its classes are first touched. So they are set for that
 * moment and are then as before: no banner, no network, no thread that frees resources of which a map has none. What an
 * application has set itself stays. The hook that runs at the end of the JVM, to free such resources, is taken off again.
 */
public final class ChronicleRuntime {

    private static final Map<String, String> SWITCHES = Map.of(
            "chronicle.announcer.disable", "true",
            "chronicle.analytics.disable", "true",
            "background.releaser", "false");

    // Held, because the logging framework would forget a logger, and its level, that nobody holds. It warns of a flag
    // that only a fallback would need which is never chosen.
    private static final java.util.logging.Logger FALLBACK_CLEANER = java.util.logging.Logger.getLogger(
            "net.openhft.chronicle.core.internal.cleaner.ReflectionBasedByteBufferCleanerService");

    static {
        FALLBACK_CLEANER.setLevel(Level.OFF);
        Map<String, String> set = new HashMap<>();
        SWITCHES.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
                set.put(name, value);
            }
        });
        try {
            touchClasses();
        } finally {
            set.forEach(System.getProperties()::remove);
        }
    }

    private ChronicleRuntime() {}

    /** Does everything when it is called first, and nothing then. Before the first other use of Chronicle's classes. */
    public static void prepare() {
        // The rest was done when this call initialised the class.
        PrecompiledClasses.install();
    }

    private static void touchClasses() {
        boolean hooked = PriorityHook.getRegisteredHook() != null;
        BackgroundResourceReleaser.isOnBackgroundResourceReleaserThread();
        AnalyticsHolder.instance();
        // Says nothing, as it has been switched off; nor will it later.
        Announcer.announce("org.blobarena", "blobarena");
        ChronicleMapBuilder.of(KeyHash.class, Location.class);
        // The first thing that fails on a JDK that has taken something away.
        new CleanerUtils();
        if (!hooked) {
            PriorityHook.clear();
        }
    }
}
