package org.blobarena.cli;

/** Files or keys that a command cannot move: it names each and goes on, or ends at the first. */
final class Skipped {

    private final Main main;
    private final boolean failFast;
    private long count;

    Skipped(Main main, boolean failFast) {
        this.main = main;
        this.failFast = failFast;
    }

    /** That the command shall end here; what is wrong has been told. */
    static final class EndException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        EndException() {
            super("ended at the first failure", null, false, false);
        }
    }

    void report(String problem) {
        main.complain(problem);
        count++;
        if (failFast) {
            throw new EndException();
        }
    }

    long count() {
        return count;
    }

    int status() {
        return count == 0 ? ExitStatus.DONE : ExitStatus.FAILURE;
    }
}
