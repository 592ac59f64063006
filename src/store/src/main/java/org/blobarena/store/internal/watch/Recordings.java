package org.blobarena.store.internal.watch;

import jdk.jfr.FlightRecorder;

/**
 * Whether somebody may record events. Until then no event class is touched, so that stores need no module {@code jdk.jfr} and
 * recordings cost nothing where there are none. Safe from any thread.
 */
public final class Recordings {

    private static final boolean HAS_RECORDER = hasRecorder();

    private Recordings() {}

    private static boolean hasRecorder() {
        try { // To ask whether it is available would take long, and export a package of the JDK.
            boolean unused = FlightRecorder.isInitialized();
            return true;
        } catch (LinkageError e) {
            return false; // A runtime image without the module.
        }
    }

    /** Whether a recording runs, or one has run. Reads a field. */
    public static boolean mayRun() {
        return HAS_RECORDER && FlightRecorder.isInitialized();
    }
}
