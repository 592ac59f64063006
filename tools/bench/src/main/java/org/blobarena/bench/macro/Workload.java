package org.blobarena.bench.macro;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a case does, what it needs to find in its directory, and which measurements it makes. */
enum Workload {
    FILL(Found.EMPTY, true, Measure.FILL, Measure.FILL_P50, Measure.FILL_LONGEST),
    FILL2(Found.EMPTY, true, Measure.FILL_TWO),
    GET(
            Found.FILLED,
            true,
            Measure.OPEN,
            Measure.GET,
            Measure.GET_P50,
            Measure.GET_TWO,
            Measure.CONTAINS,
            Measure.ABSENT,
            Measure.ABSENT_CONTAINS,
            Measure.RSS,
            Measure.RSS_FILE),
    COLD(Found.FILLED, true, Measure.COLD_P50, Measure.COLD_MEAN, Measure.COLD_DEVICE),
    DELETE(Found.FILLED, false, Measure.DELETE),
    CHURN(Found.EMPTY, false, Measure.CHURN, Measure.CHURN_P50, Measure.CHURN_LONGEST, Measure.CHURN_DISK),
    KILL(Found.KILLED, false, Measure.KILL, Measure.KILL_LOST);

    /** What a workload finds. */
    enum Found {
        EMPTY,
        /** Every key once, closed. */
        FILLED,
        /** Every key once, by a process that was killed. */
        KILLED
    }

    private final Found found;
    private final boolean leavesFilled;
    private final Set<Measure> measures;

    Workload(Found found, boolean leavesFilled, Measure... measures) {
        this.found = found;
        this.leavesFilled = leavesFilled;
        this.measures = Set.of(measures);
    }

    static Workload named(String name) {
        return Arrays.stream(values())
                .filter(workload -> workload.label().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("no workload is named " + name + "; there are " + labels()));
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Workload::label).toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Found found() {
        return found;
    }

    /** Whether the directory is as after a fill when the workload is over. */
    boolean leavesFilled() {
        return leavesFilled;
    }

    Set<Measure> measures() {
        return measures;
    }
}
