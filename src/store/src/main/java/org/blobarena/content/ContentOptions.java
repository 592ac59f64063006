package org.blobarena.content;

import java.nio.file.Path;

/**
 * How a content store works.
 *
 * @param directory of the store, where long streams are kept too, in files without a name, until their digests are known
 * @param contentBytesMax no content is longer: a stream or a file is refused as soon as it is known to be
 * @param forcesRebound whether content has to be forced before a name is bound to it that had another; else it is as it is
 *     put, or nothing is
 * @param verifiesDigests whether each read computes the digest
 * @param losesNames whether damage was found in the names that nobody has repaired
 * @param losesContents the same of the contents
 */
record ContentOptions(
        Path directory,
        long contentBytesMax,
        boolean forcesRebound,
        boolean verifiesDigests,
        boolean losesNames,
        boolean losesContents) {}
