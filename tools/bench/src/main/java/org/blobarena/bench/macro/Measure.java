package org.blobarena.bench.macro;

/** What is measured: a row of the table. */
enum Measure {
    FILL("fill from empty", "puts/s"),
    FILL_P50("... p50 of a put", "us"),
    FILL_LONGEST("... longest put", "ms"),
    FILL_TWO("fill by 2 threads", "puts/s"),
    GET("get hot, 1 thread, mean", "ns"),
    GET_P50("... p50", "ns"),
    GET_TWO("get hot, 2 threads, mean", "ns"),
    COLD_P50("get cold, p50", "us"),
    COLD_MEAN("... mean", "us"),
    COLD_DEVICE("... read from the device for each get", "KiB"),
    CONTAINS("key that is there, contains", "ns"),
    ABSENT("absent key, get", "ns"),
    ABSENT_CONTAINS("... contains", "ns"),
    CHURN("churn, 3 overwrites per key", "puts/s"),
    CHURN_P50("... p50 of a put", "us"),
    CHURN_LONGEST("... longest put", "ms"),
    CHURN_DISK("... most disk / live data", "times"),
    DELETE("delete every other key, each", "us"),
    OPEN("fresh JVM, open to first get", "ms"),
    KILL("first get after kill -9, warm JVM", "ms"),
    KILL_LOST("... blobs lost", "blobs"),
    RSS("resident memory after the gets", "MiB"),
    RSS_FILE("... of it mapped files", "MiB");

    private final String label;
    private final String unit;

    Measure(String label, String unit) {
        this.label = label;
        this.unit = unit;
    }

    String label() {
        return label;
    }

    String unit() {
        return unit;
    }
}
