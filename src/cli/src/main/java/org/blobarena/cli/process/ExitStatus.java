package org.blobarena.cli.process;

/** What a process says by its exit status. Scripts rely on the numbers. */
public final class ExitStatus {

    public static final int DONE = 0;

    /** The key is absent, verification found damage, or a repair lost something. */
    public static final int NEGATIVE = 1;

    public static final int USAGE = 2;

    /** Input or output failed, wholly or in part, or the store cannot be opened. */
    public static final int FAILURE = 3;

    private ExitStatus() {}
}
