/**
 * Blobs on their way between archives and a store: tar, zip and WARC.
 *
 * <p>Its one job is to read and write archives from their beginning to their end, as streams are. {@link
 * org.blobarena.cli.archive.ArchiveReader} and {@link org.blobarena.cli.archive.ArchiveWriter} are what a format
 * implements; names, duplicates and failures are the same for all, in {@link org.blobarena.cli.archive.ArchiveSource} and {@link
 * org.blobarena.cli.archive.ArchiveSink}. It stands on {@code org.blobarena.cli.transfer}; the commands of import and export
 * stand on it. A process runs one command, on one thread unless the command says otherwise.
 */
@NullMarked
package org.blobarena.cli.archive;

import org.jspecify.annotations.NullMarked;
