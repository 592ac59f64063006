package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.BlockCodec;
import org.blobarena.store.internal.record.Entry;
import org.blobarena.store.internal.record.FileWindow;
import org.blobarena.store.internal.record.OpenRecord;
import org.jspecify.annotations.Nullable;

/**
 * The reusable state of one read of a key, so that a read makes no garbage: the key, the location that the index has of its
 * record, and that record opened. For one thread at a time.
 *
 * <p>A key may be known by its hash alone. Then the record says which it is. A record whose blob has expired is none: what
 * reads it gets null.
 */
final class ReadContext {

    private final KeyHasher hasher;
    private final BlockCodec codec;
    private final Layout layout;
    private final InstantSource clock;
    private final int bytesMax;
    private final EncodedKey ownKey = EncodedKey.reusable();
    private final IndexProbe probe = new IndexProbe();
    private final OpenRecord record;
    private EncodedKey key = ownKey;
    private long blobBytes;
    private boolean expired;
    private boolean askedByKey;

    /** @param store whose settings say how long a blob may be that gets an array. A longer one is a {@link BlobTooLargeException} */
    ReadContext(StoreContext store, BlockCodec codec) {
        this.hasher = store.hasher();
        this.codec = codec;
        this.layout = store.layout();
        this.clock = store.settings().clock();
        this.bytesMax = store.settings().maxBlobBytes();
        this.record = new OpenRecord(codec);
    }

    <K> void set(KeyCodec<K> keyCodec, K newKey) {
        ownKey.set(hasher, keyCodec, newKey);
        set(ownKey);
    }

    void set(EncodedKey newKey) {
        key = newKey;
        probe.set(newKey.hashHigh(), newKey.hashLow());
        askedByKey = true;
    }

    /** Without a key that a record can be compared with. */
    void set(KeyHash newHash) {
        probe.set(newHash);
        askedByKey = false;
    }

    /** Whether somebody wants this key, and not all that there are. */
    boolean isAskedByKey() {
        return askedByKey;
    }

    IndexProbe probe() {
        return probe;
    }

    /** Where the record is that the probe has found. */
    Location location() {
        return probe.location();
    }

    /** The blob in a new array, or null when the record is of another key with the same hash. */
    byte @Nullable [] blob(StoreFile file) throws IOException {
        return shortBlob(file, bytesMax);
    }

    /** The blob with what tells a newer one; of one that has expired, what an absent key has. */
    VersionedBlob versioned(StoreFile file) throws IOException {
        byte[] blob = blob(file);
        return new VersionedBlob(blob == null && expired ? null : location(), blob);
    }

    /** The same of a blob of so many bytes at most. */
    byte @Nullable [] shortBlob(StoreFile file, int lengthMax) throws IOException {
        try (Scratch lent = Scratch.take()) {
            return isOfKey(openWithBlob(file, lent)) ? record.blob(lent, lengthMax) : null;
        }
    }

    /** The same of a record that has been read into a window. */
    byte @Nullable [] shortBlob(FileWindow window, StoreFile file, Location location, int lengthMax)
            throws IOException {
        try (Scratch lent = Scratch.take()) {
            return isOfKey(record.open(window, file, location)) ? record.blob(lent, lengthMax) : null;
        }
    }

    /**
     * Reads the blob into a buffer, whose position moves only then. The buffer stays as it is if it has no room.
     *
     * @return false when the record is of another key with the same hash
     */
    boolean readIfRoom(StoreFile file, ByteBuffer target) throws IOException {
        if (file.content().isToldByIndex()) {
            blobBytes = uncompressedBytes();
            if (blobBytes > target.remaining()) {
                return true;
            }
        }
        int start = target.position();
        boolean complete = false;
        try (Scratch lent = Scratch.take()) {
            if (isOfKey(openWithBlob(file, lent))) {
                blobBytes = record.blobIfRoom(lent, target);
                complete = true;
            }
            return complete;
        } finally {
            if (!complete) {
                target.position(start);
            }
        }
    }

    /** The length of the blob, after {@link #readIfRoom}. */
    long blobBytes() {
        return blobBytes;
    }

    /**
     * Verifies the blob in the scratch, as {@link OpenRecord#verifiedBlob} does; null when the record is of another key with
     * the same hash.
     */
    @Nullable ByteBuffer verifiedBlob(StoreFile file, Scratch lent) throws IOException {
        return isOfKey(openWithBlob(file, lent)) ? record.verifiedBlob(lent, bytesMax) : null;
    }

    /**
     * Reads a part of the blob into a buffer, whose position moves only then.
     *
     * @return how many bytes, or null when the record is of another key with the same hash
     */
    @Nullable Integer range(StoreFile file, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        boolean complete = false;
        try (Scratch lent = Scratch.take()) {
            Integer count = isOfKey(record.open(file, location(), lent)) ? record.range(lent, offset, target) : null;
            complete = true;
            return count;
        } finally {
            if (!complete) {
                target.position(start);
            }
        }
    }

    /** The length of the blob, or null when the record is of another key with the same hash and was read. */
    @Nullable Long sizeOf(StoreFile file) throws IOException {
        if (file.content().isToldByIndex()) {
            return uncompressedBytes();
        }
        try (Scratch lent = Scratch.take()) {
            return isOfKey(record.open(file, location(), lent)) ? record.blobBytes(lent) : null;
        }
    }

    /** What the record says of itself, or null when it is of another key with the same hash. */
    @Nullable RecordInfo describe(StoreFile file) throws IOException {
        try (Scratch lent = Scratch.take()) {
            return isOfKey(record.open(file, location(), lent))
                    ? new RecordInfo(
                            Path.of(file.path()),
                            probe.offset(),
                            probe.length(),
                            key.length(),
                            record.blobBytes(lent),
                            record.isCompressed(),
                            record.sequence(),
                            record.expires() ? Expiry.at(Instant.ofEpochMilli(record.expiryMillis())) : Expiry.never())
                    : null;
        }
    }

    /** The blob to be read bit by bit from a file that is pinned; null when the record is of another key with the same hash. */
    @Nullable BlobView view(StoreFile pinned, OperationGate gate) throws IOException {
        OpenRecord ofView = new OpenRecord(codec);
        try (Scratch lent = Scratch.take()) {
            return isOfKey(ofView.open(pinned, location(), lent))
                    ? new BlobView(gate, pinned, ofView, ofView.blobBytes(lent))
                    : null;
        }
    }

    /** The key that the hash stands for. */
    byte @Nullable [] key(StoreFile file) throws IOException {
        try (Scratch lent = Scratch.take()) {
            byte[] found = keyOf(record.open(file, location(), lent));
            return record.isExpired(clock) ? null : found;
        }
    }

    /** The key that the hash stands for, and its blob. */
    @Nullable Entry entry(StoreFile file) throws IOException {
        try (Scratch lent = Scratch.take()) {
            byte[] found = keyOf(openWithBlob(file, lent));
            return record.isExpired(clock) ? null : new Entry(found, record.blob(lent, bytesMax));
        }
    }

    private OpenRecord openWithBlob(StoreFile file, Scratch lent) throws IOException {
        return record.openWithBlob(file, probe.offset(), probe.length(), lent);
    }

    private boolean isOfKey(OpenRecord opened) throws IOException {
        expired = opened.isExpired(clock);
        if (opened.isOf(key.buffer())) {
            return !expired;
        }
        keyOf(opened); // Damage, unless that key has the very same hash.
        return false;
    }

    private byte[] keyOf(OpenRecord opened) throws IOException {
        opened.requireValue();
        byte[] found = opened.key();
        if (!hasher.hash(found).equals(probe.hash())) {
            throw opened.corrupt("key: expected one of hash " + probe.hash() + ", found one of " + hasher.hash(found));
        }
        return found;
    }

    private long uncompressedBytes() {
        return layout.blobBytes(probe.length() - RecordHeader.BYTES - layout.overheadBytes() - key.length());
    }
}
