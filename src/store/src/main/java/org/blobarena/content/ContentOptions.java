package org.blobarena.content;

import java.nio.file.Path;

/**
 * How a content store works.
 *
 * @param spoolDirectory where long streams are kept, in files without a name, until their digests are known
 * @param forcesRebound whether content has to be forced before a name is bound to it that had another
 * @param verifiesDigests whether each read computes the digest
 * @param losesNames whether damage was found in the names that nobody has repaired
 */
record ContentOptions(Path spoolDirectory, boolean forcesRebound, boolean verifiesDigests, boolean losesNames) {}
