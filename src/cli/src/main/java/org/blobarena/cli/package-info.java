/**
 * The command line: one command per class, on the public classes of the store.
 *
 * <p>Keys, arguments and names of files are bytes here, whatever the locale: see {@code RawText}. Nothing depends on
 * this package. A process runs one command, on one thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli;

import org.jspecify.annotations.NullMarked;
