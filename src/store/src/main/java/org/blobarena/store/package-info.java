/**
 * The key-to-blob store: {@link org.blobarena.store.BlobStore}, its builder, its views and its streams.
 *
 * <p>Records go to arena files, which are the only truth; an index maps hashes of keys to their locations and can be
 * rebuilt from them. These classes check what users say and leave the rest to {@code internal.engine}. Below that, each
 * package uses those after it and none before: {@code internal.engine} is an open store, {@code internal.compact} gives
 * space back, {@code internal.recovery} opens, verifies and repairs, {@code internal.write} appends records, {@code
 * internal.record} decodes them, {@code internal.core} holds what they share, and {@code api} what users name.
 *
 * <p>Threads: public classes are safe from any thread unless they say otherwise.
 */
@NullMarked
package org.blobarena.store;

import org.jspecify.annotations.NullMarked;
