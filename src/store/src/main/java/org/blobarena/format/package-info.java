/**
 * The bytes of a store, and nothing else: sizes, offsets, checksums and names of files, without any I/O.
 *
 * <p>Its specification is {@code store-format.md}; a class that is one table there says which. Everything
 * is little-endian, and unsigned 32-bit numbers are {@code long} in code. It uses the locations of {@code arena}; the
 * packages below {@code store.internal} read and write what is laid out here.
 *
 * <p>Not for users of the library. Thread rule: stateless or immutable, unless a class says otherwise.
 */
@NullMarked
package org.blobarena.format;

import org.jspecify.annotations.NullMarked;
