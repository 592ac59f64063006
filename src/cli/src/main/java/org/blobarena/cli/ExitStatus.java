package org.blobarena.cli;

/** What a process says by its exit status. Scripts rely on the numbers. */
final class ExitStatus {

    static final int DONE = 0;

    /** The key is absent, verification found damage, or a repair lost something. */
    static final int NEGATIVE = 1;

    static final int USAGE = 2;

    /** Input or output failed, wholly or in part, or the store cannot be opened. */
    static final int FAILURE = 3;

    private ExitStatus() {}
}
