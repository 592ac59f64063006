/**
 * Stores of content under its digest, and sets of what was seen, on the store.
 *
 * <p>{@link org.blobarena.content.ContentStore} keeps the same bytes once, however often they are put and under however many
 * names. {@link org.blobarena.content.SeenSet} answers whether a key comes for the first time. Both use the public methods
 * of {@link org.blobarena.store.BlobStore} alone. Everything but builders is safe for use by multiple threads.
 */
@NullMarked
package org.blobarena.content;

import org.jspecify.annotations.NullMarked;
