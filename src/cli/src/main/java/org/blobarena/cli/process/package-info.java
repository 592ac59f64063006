/**
 * What a command has of its process: arguments, streams, terminal, exit status, and what a signal must not leave.
 *
 * <p>Its one job is to hide how the JVM sees its surroundings. It stands on {@code org.blobarena.cli.text}. A process runs one command, on one
 * thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli.process;

import org.jspecify.annotations.NullMarked;
