package org.blobarena.store.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Events of stores, as the recorder of the JDK writes them to a file. */
public final class Recorded {

    public static final String PREFIX = "org.blobarena.";

    private Recorded() {}

    /** What is to be recorded. */
    @FunctionalInterface
    public interface Program {

        void run() throws Exception;
    }

    /** Runs a program, and returns what our events tell of the stores in a directory and below, however short they were. */
    public static List<RecordedEvent> of(Path directory, Program program) throws Exception {
        try (Recording recording = new Recording()) {
            for (String name : List.of(
                    "StoreOpen",
                    "Recovery",
                    "FileRoll",
                    "FileSeal",
                    "CompactionRound",
                    "WriteThrottle",
                    "Force",
                    "SlowOperation",
                    "Damage",
                    "FileEviction")) {
                recording.enable(PREFIX + name).withThreshold(Duration.ZERO);
            }
            recording.start();
            program.run();
            recording.stop();
            return read(recording, directory);
        }
    }

    private static List<RecordedEvent> read(Recording recording, Path directory) throws IOException {
        Path file = Files.createTempFile("events", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith(PREFIX))
                    .filter(event -> Path.of(event.getString("store")).startsWith(directory))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    /** Those of one name, in the order of their ends. */
    public static List<RecordedEvent> named(String name, List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(PREFIX + name))
                .toList();
    }
}
