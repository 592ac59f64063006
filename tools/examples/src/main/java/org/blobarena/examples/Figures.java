package org.blobarena.examples;

import java.io.PrintStream;
import java.util.Locale;

/** Prints what a program does, measures and checks, and remembers whether every check held. */
final class Figures {

    private static final double MEGABYTE = 1e6;

    private final PrintStream out;
    private int failures;

    Figures(PrintStream out) {
        this.out = out;
    }

    /** Prints a line of what happens now. */
    void say(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }

    /** Prints a figure in a column of its own below the line before. */
    void figure(String name, String format, Object... arguments) {
        say("   %-36s %s", name, String.format(Locale.ROOT, format, arguments));
    }

    /** Prints a claim, and whether it holds. A claim that does not hold makes the program fail. */
    void check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            failures++;
        }
        say("   %-36s %s", holds ? "checked" : "THIS DOES NOT HOLD", String.format(Locale.ROOT, format, arguments));
    }

    boolean everythingHolds() {
        return failures == 0;
    }

    /** Such as {@code 12.3 MB}. */
    static String megabytes(double bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / MEGABYTE);
    }

    /** Such as {@code 1,234/s}. */
    static String rate(double count, long nanos) {
        return String.format(Locale.ROOT, "%,.0f/s", count / seconds(nanos));
    }

    /** Such as {@code 12.3 MB/s}. */
    static String speed(double bytes, long nanos) {
        return megabytes(bytes / seconds(nanos)) + "/s";
    }

    static double seconds(long nanos) {
        return Math.max(nanos, 1) / 1e9;
    }

    /** The bytes that live objects of the heap take, after a collection. */
    static long heapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
