package org.blobarena.cli;

/** Stands for the examples: prints its arguments, a line each. */
public final class EchoProgram {

    private EchoProgram() {}

    /** Prints the arguments. */
    public static void main(String[] args) {
        for (String arg : args) {
            System.out.println(arg);
        }
    }
}
