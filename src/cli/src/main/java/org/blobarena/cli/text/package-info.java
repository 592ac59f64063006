/**
 * Text that people and scripts see: keys, names of files and reports, byte for byte what was given.
 *
 * <p>Its one job is to turn bytes into text and back, whatever the locale: see {@link org.blobarena.cli.text.RawText}. It
 * stands on nothing of the command line. A process runs one command, on one
 * thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli.text;

import org.jspecify.annotations.NullMarked;
