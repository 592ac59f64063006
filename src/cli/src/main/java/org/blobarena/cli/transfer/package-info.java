/**
 * Blobs on their way between files and a store.
 *
 * <p>Its one job is to read trees of files, and to write them so that nobody sees half a file. It stands on
 * {@code org.blobarena.cli.text} and {@code org.blobarena.cli.process}; the commands of import and export stand on it. A process runs one command, on one
 * thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli.transfer;

import org.jspecify.annotations.NullMarked;
