package org.blobarena.infinispan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.Expiry;
import org.infinispan.commons.io.ByteBufferImpl;
import org.infinispan.commons.marshall.WrappedByteArray;
import org.infinispan.marshall.persistence.PersistenceMarshaller;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.MarshallableEntryFactory;
import org.jspecify.annotations.Nullable;

/**
 * How an entry of Infinispan stands in a blob, big-endian: a version of 1 byte, when it was created and last used, 8 bytes
 * each, the lengths of the metadata and of the internal metadata, 4 bytes each or -1 if there is none, and these two; then,
 * to the end of the blob, the value. All three are as Infinispan's marshaller wrote them.
 */
final class Entries<K, V> {

    /** From this length on, a value is marshalled into the blob without an array of its own in between. */
    static final int STREAMED_BYTES_MIN = 64 * 1024;

    /** So much of a blob is read for its metadata. These are hardly ever longer. */
    private static final int START_BYTES = 1024;

    private static final byte VERSION = 1;
    private static final byte[] NO_BYTES = {};
    private static final int HEAD_BYTES = 1 + 2 * Long.BYTES + 2 * Integer.BYTES;

    private final PersistenceMarshaller marshaller;
    private final MarshallableEntryFactory<K, V> factory;

    Entries(InitializationContext context) {
        marshaller = context.getPersistenceMarshaller();
        factory = context.getMarshallableEntryFactory();
    }

    byte[] keyBytes(Object key) {
        try {
            return marshaller.objectToByteBuffer(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a key was marshalled", e);
        }
    }

    static byte[] keyBytes(MarshallableEntry<?, ?> entry) {
        return bytes(entry.getKeyBytes());
    }

    K key(byte[] bytes) {
        return factory.create(buffer(bytes), buffer(NO_BYTES)).getKey();
    }

    /** When an entry expires, by its lifespan or from its last use on. */
    static Expiry expiry(MarshallableEntry<?, ?> entry) {
        long millis = entry.expiryTime();
        return millis > 0 ? Expiry.at(Instant.ofEpochMilli(millis)) : Expiry.never();
    }

    /** Whether the value of an entry is long, and not marshalled yet as far as anybody can see. */
    static boolean isStreamed(MarshallableEntry<?, ?> entry) {
        Object value = entry.getValue();
        if (value instanceof WrappedByteArray wrapped) {
            return wrapped.getLength() >= STREAMED_BYTES_MIN;
        }
        return value instanceof byte[] bytes && bytes.length >= STREAMED_BYTES_MIN;
    }

    /** Returns a writer of the blob of an entry. */
    BlobWriter writer(MarshallableEntry<?, ?> entry) {
        return out -> {
            out.write(head(entry, 0));
            marshaller.writeObject(entry.getValue(), out);
        };
    }

    /** Returns the blob of an entry. */
    static byte[] blob(MarshallableEntry<?, ?> entry) {
        org.infinispan.commons.io.ByteBuffer value = entry.getValueBytes();
        byte[] blob = head(entry, value.getLength());
        System.arraycopy(value.getBuf(), value.getOffset(), blob, blob.length - value.getLength(), value.getLength());
        return blob;
    }

    /** Returns what stands before the value, in an array with room for so many more bytes. */
    private static byte[] head(MarshallableEntry<?, ?> entry, int more) {
        org.infinispan.commons.io.@Nullable ByteBuffer metadata = entry.getMetadataBytes();
        org.infinispan.commons.io.@Nullable ByteBuffer internal = entry.getInternalMetadataBytes();
        byte[] blob = new byte[Math.addExact(HEAD_BYTES + lengthOf(metadata) + lengthOf(internal), more)];
        ByteBuffer head = ByteBuffer.wrap(blob)
                .put(VERSION)
                .putLong(entry.created())
                .putLong(entry.lastUsed())
                .putInt(metadata == null ? -1 : metadata.getLength())
                .putInt(internal == null ? -1 : internal.getLength());
        put(metadata, head);
        put(internal, head);
        return blob;
    }

    private static int lengthOf(org.infinispan.commons.io.@Nullable ByteBuffer part) {
        return part == null ? 0 : part.getLength();
    }

    private static void put(org.infinispan.commons.io.@Nullable ByteBuffer part, ByteBuffer target) {
        if (part != null) {
            target.put(part.getBuf(), part.getOffset(), part.getLength());
        }
    }

    /** Returns the entry that a blob holds, whose value is unmarshalled when it is asked for. */
    MarshallableEntry<K, V> entry(byte[] key, byte[] blob) throws IOException {
        return entry(key, blob, true);
    }

    /** Returns an entry without its value, or null if there is none. */
    @Nullable MarshallableEntry<K, V> entryWithoutValue(SegmentedBlobs blobs, int segment, byte[] key) throws IOException {
        byte[] start = blobs.start(segment, key, START_BYTES);
        if (start != null && bytesBeforeValue(start) > start.length) {
            start = blobs.get(segment, key);
        }
        return start == null ? null : entry(key, start, false);
    }

    private static long bytesBeforeValue(byte[] blob) throws IOException {
        if (blob.length < HEAD_BYTES || blob[0] != VERSION) {
            throw unknown();
        }
        ByteBuffer lengths = ByteBuffer.wrap(blob).position(1 + 2 * Long.BYTES);
        return HEAD_BYTES + (long) Math.max(0, lengths.getInt()) + Math.max(0, lengths.getInt());
    }

    private MarshallableEntry<K, V> entry(byte[] key, byte[] blob, boolean withValue) throws IOException {
        long valueOffset = bytesBeforeValue(blob);
        if (valueOffset > blob.length) {
            throw unknown();
        }
        ByteBuffer head = ByteBuffer.wrap(blob).position(1);
        long created = head.getLong();
        long lastUsed = head.getLong();
        int metadataBytes = head.getInt();
        int internalBytes = head.getInt();
        int internalOffset = HEAD_BYTES + Math.max(0, metadataBytes);
        return factory.create(
                buffer(key),
                part(blob, (int) valueOffset, withValue ? blob.length - (int) valueOffset : -1),
                part(blob, HEAD_BYTES, metadataBytes),
                part(blob, internalOffset, internalBytes),
                created,
                lastUsed);
    }

    private static org.infinispan.commons.io.@Nullable ByteBuffer part(byte[] blob, int offset, int length) {
        return length < 0 ? null : ByteBufferImpl.create(blob, offset, length);
    }

    private static IOException unknown() {
        return new IOException("a blob is not an entry of Infinispan as this version writes them");
    }

    private static org.infinispan.commons.io.ByteBuffer buffer(byte[] bytes) {
        return ByteBufferImpl.create(bytes);
    }

    private static byte[] bytes(org.infinispan.commons.io.ByteBuffer buffer) {
        return buffer.trim();
    }
}
