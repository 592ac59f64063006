package org.blobarena.cli.transfer;

import java.util.function.Consumer;
import org.blobarena.cli.process.ExitStatus;

/** Files or keys that a command cannot move: it names each and goes on, or ends at the first. */
public final class Skipped {

    private final Consumer<String> complaints;
    private final boolean failFast;
    private long count;

    /** Names go to {@code complaints}, a line each. */
    public Skipped(Consumer<String> complaints, boolean failFast) {
        this.complaints = complaints;
        this.failFast = failFast;
    }

    /** Ends the command; what is wrong has been told. */
    public static final class EndException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        EndException() {
            super("ended at the first failure", null, false, false);
        }
    }

    public void report(String problem) {
        complaints.accept(problem);
        count++;
        if (failFast) {
            throw new EndException();
        }
    }

    public long count() {
        return count;
    }

    public int status() {
        return count == 0 ? ExitStatus.DONE : ExitStatus.FAILURE;
    }
}
