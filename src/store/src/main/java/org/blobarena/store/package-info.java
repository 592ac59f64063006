/**
 * The key-to-blob store: {@link org.blobarena.store.BlobStore} and what keeps it true over time.
 *
 * <p>Records go to arena files, which are the only truth; an index maps key hashes to their locations and can
 * be rebuilt from them. The store stands on {@code arena} (all payload bytes pass through it), {@code format}
 * (what the bytes mean) and {@code index} (where each key's record is). The command line stands on its
 * public classes alone.
 *
 * <p>Where to begin: {@code StoreEngine} is an open store, with its {@code StoreReads}, {@code StoreWrites} and {@code
 * StoreCloser}. {@code RecordWriter} and {@code OpenRecord} are the way to and from the files, {@code StoreOpener} and
 * {@code Recovery} the way into a store, {@code Compactor} and {@code CompactionRound} how space comes back, {@code
 * StoreVerifier} and {@code StoreRepair} what is done about damage.
 *
 * <p>Thread rule: public classes are safe for use by multiple threads unless they say otherwise.
 */
@NullMarked
package org.blobarena.store;

import org.jspecify.annotations.NullMarked;
