package org.blobarena.index.chronicle.runtime;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether Chronicle Map runs in this JVM, found out once.
 *
 * <p>What can be told without touching the JVM is told first: whether the jars are there, whether the JDK still has what
 * Chronicle Map calls by name, and whether the JVM lets it have memory. Only then is Chronicle Map started, with all that
 * this changes in the JVM, and whatever that meets on a JDK that nobody has tried yet is a reason too.
 */
public final class Availability {

    private static final String MAP = "net.openhft.chronicle.map.ChronicleMap";

    /** Chronicle Map unmaps its files through it. */
    private static final String CLEANER = "jdk.internal.ref.Cleaner";

    private static boolean decided;
    private static @Nullable String problem;

    private Availability() {}

    /**
     * Starts Chronicle Map when it is called first. Any thread may call it, any number of times.
     *
     * @return why it cannot be used in this JVM, and what would help; null if it can be
     */
    public static synchronized @Nullable String problem() {
        if (!decided) {
            problem = find(Availability::isThere, Availability::start);
            decided = true;
        }
        return problem;
    }

    /** @param isThere whether there is a class of a name */
    static @Nullable String find(Predicate<String> isThere, Runnable start) {
        if (!isThere.test(MAP)) {
            return "the jars of Chronicle Map are not on the class path or module path";
        }
        if (!isThere.test(CLEANER)) {
            return "Chronicle Map does not run on this JDK " + Runtime.version().feature() + ", which is without "
                    + CLEANER;
        }
        try {
            start.run();
            return null;
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException | LinkageError | AssertionError e) {
            Throwable cause = e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
            return "Chronicle Map does not start in this JVM: " + cause;
        }
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, false, Availability.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static void start() {
        ModuleAccess.ensureOpen();
        ChronicleRuntime.prepare();
    }
}
