/**
 * The command line: one command per class, on the public classes of the store, and on the arena's
 * seam to the file system for files that appear whole.
 *
 * <p>Keys, arguments and names of files are bytes here, whatever the locale: see {@code RawText}. Nothing depends on
 * this package. A process runs one command, on one thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli;

import org.jspecify.annotations.NullMarked;
