package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One program. */
interface Example {

    /**
     * What a program works with.
     *
     * @param sources what the user named: directories or files; empty when the program must look for itself
     * @param work an empty directory, which is removed when the program ends
     */
    record Input(List<Path> sources, Path work) {}

    /**
     * Runs to its end within a minute, and reports what it found.
     *
     * @throws NoSourceException if there is nothing on this machine to work on
     */
    void run(Input input, Figures figures) throws IOException, InterruptedException;

    /** Says that the user must name what to work on. */
    final class NoSourceException extends IOException {

        private static final long serialVersionUID = 1L;

        NoSourceException(String message) {
            super(message);
        }
    }
}
