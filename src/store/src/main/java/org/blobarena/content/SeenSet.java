package org.blobarena.content;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreClosedException;

/**
 * A persistent set of keys that says of each addition whether the key is new, as a crawler asks of the addresses that it
 * meets.
 *
 * <pre>{@code
 * try (SeenSet<String> seen = SeenSet.open(directory, KeyCodec.utf8())) {
 *     if (seen.add("https://example.org/")) {
 *         // nobody has added it before
 *     }
 * }
 * }</pre>
 *
 * <p>A key that is present is found in the index, without a read of the disk and without a lock. The index knows a key by a
 * hash of 128 bits that is seeded with a secret of the set, so that nobody can choose keys that collide; of ten billion keys,
 * the chance that any two have the same hash, and one of them is taken for present, is below 1 in 10^18. A filter in front,
 * such as a Bloom filter, saves a lookup of about a microsecond for a new key; whether that is worth its memory is the
 * caller's choice.
 *
 * <p>A key that was added and not yet handled when the process died counts as seen afterwards. So keep what is still to do in
 * a store of its own, and put it there before it is added here.
 *
 * <p>All methods are safe for use by multiple threads. Of all threads that add a key, one is told that it is new, and the
 * others once its addition has the {@linkplain SeenSetBuilder#durability durability} of the set. {@link #close} waits for
 * operations in progress; later ones throw {@link StoreClosedException}.
 *
 * @param <K> the type of keys
 */
public final class SeenSet<K> implements Closeable {

    private static final byte[] EMPTY = new byte[0];

    private final BlobStore<ByteBuffer> keys;
    private final KeyCodec<K> codec;

    /** The keys that batches are about to store, which decide among themselves who has them. */
    private final Map<ByteBuffer, Batch> claims = new ConcurrentHashMap<>();

    SeenSet(BlobStore<ByteBuffer> keys, KeyCodec<K> codec) {
        this.keys = keys;
        this.codec = codec;
    }

    /** A call that stores keys, which others wait for that want the same. */
    private static final class Batch {

        private final CountDownLatch ended = new CountDownLatch(1);

        void end() {
            ended.countDown();
        }

        void await() {
            boolean interrupted = false;
            while (ended.getCount() > 0) {
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    interrupted = true; // It ends soon: all it does is to write.
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Opens a set with the default options, and creates it if the directory is missing or empty.
     *
     * @param <K> the type of keys
     * @param directory the set's directory
     * @param codec the encoding of keys, the same for the life of the set
     * @return the set, to be closed
     * @throws IOException if it cannot be opened; see {@link SeenSetBuilder#open}
     */
    public static <K> SeenSet<K> open(Path directory, KeyCodec<K> codec) throws IOException {
        return builder(codec).open(directory);
    }

    /**
     * Opens a temporary set with the default options, which is deleted when it is closed; or, if its process
     * dies, when the same user opens the next one in the same directory.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys
     * @return the set, to be closed
     * @throws IOException if it cannot be made; see {@link SeenSetBuilder#temporary()}
     */
    public static <K> SeenSet<K> temporary(KeyCodec<K> codec) throws IOException {
        return builder(codec).temporary();
    }

    /**
     * Returns a builder with the default options.
     *
     * @param <K> the type of keys
     * @param codec the encoding of keys, the same for the life of the set
     * @return a builder, for use by one thread
     */
    public static <K> SeenSetBuilder<K> builder(KeyCodec<K> codec) {
        return new SeenSetBuilder<>(codec);
    }

    /**
     * Adds a key.
     *
     * @param key the key
     * @return whether it is new
     * @throws DiskFullException if there is no space; the key is not added
     * @throws IOException if it cannot be written; the key is not added
     */
    public boolean add(K key) throws IOException {
        ByteBuffer bytes = encoded(key);
        return !keys.contains(bytes) && addAbsent(bytes);
    }

    /** Adds a key that was absent a moment ago. */
    private boolean addAbsent(ByteBuffer key) throws IOException {
        Batch mine = new Batch();
        for (Batch other = claims.putIfAbsent(key, mine); other != null; other = claims.putIfAbsent(key, mine)) {
            other.await();
        }
        try {
            return keys.putIfAbsent(key, EMPTY);
        } finally {
            claims.remove(key);
            mine.end();
        }
    }

    /** Returns the bytes of a key. The array is new, because a codec may give the same one again. */
    private ByteBuffer encoded(K key) {
        return ByteBuffer.wrap(codec.encode(Objects.requireNonNull(key, "key")).clone());
    }

    /**
     * Adds many keys, with one flush or one force for those that are new, or one for each few thousand of them.
     *
     * @param added the keys
     * @return the positions in the list of those that are new; of a key that is given twice, the first
     * @throws DiskFullException if there is no space
     * @throws IOException if not all of them can be written; some may be added then, and count as seen
     */
    public BitSet addAll(List<? extends K> added) throws IOException {
        BitSet isNew = new BitSet(added.size());
        Map<ByteBuffer, byte[]> absent = new LinkedHashMap<>();
        List<ByteBuffer> claimed = new ArrayList<>();
        Map<Integer, ByteBuffer> othersKeys = new TreeMap<>();
        List<Batch> others = new ArrayList<>();
        Batch mine = new Batch();
        try {
            int position = 0;
            for (K key : added) {
                ByteBuffer bytes = encoded(key);
                if (!keys.contains(bytes)) {
                    Batch claimant = claims.putIfAbsent(bytes, mine);
                    if (claimant == null) {
                        claimed.add(bytes);
                        if (!keys.contains(bytes)) { // Else it was stored just before the claim.
                            absent.put(bytes, EMPTY);
                            isNew.set(position);
                        }
                    } else if (claimant != mine) {
                        othersKeys.put(position, bytes);
                        others.add(claimant);
                    }
                }
                position++;
            }
            keys.putAll(absent);
        } finally {
            claimed.forEach(claims::remove);
            mine.end();
        }
        // Others may wait for this batch, so it waits for them only now.
        others.forEach(Batch::await);
        for (Map.Entry<Integer, ByteBuffer> each : othersKeys.entrySet()) {
            isNew.set(each.getKey(), addAbsent(each.getValue())); // New after all, if the other has failed.
        }
        return isNew;
    }

    /**
     * Returns whether a key is present. Reads the index only.
     *
     * @param key the key
     * @return whether it is present
     */
    public boolean contains(K key) {
        return keys.contains(encoded(key));
    }

    /**
     * Returns the number of keys.
     *
     * @return the number, exact while nobody adds
     */
    public long size() {
        return keys.size();
    }

    /**
     * Forces all additions that have returned to the device, whatever the {@link Durability}.
     *
     * @throws IOException if the device reports an error; the set then takes no more keys until it is reopened
     */
    public void force() throws IOException {
        keys.force();
    }

    /**
     * Closes the set. Waits for operations in progress and forces everything to the device.
     *
     * @throws IOException if not everything could be forced; the set is closed nevertheless
     */
    @Override
    public void close() throws IOException {
        keys.close();
    }
}
