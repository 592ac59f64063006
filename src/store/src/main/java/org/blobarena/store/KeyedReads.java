package org.blobarena.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.IndexedKey;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.engine.BatchReader;
import org.blobarena.store.internal.engine.BlobView;
import org.blobarena.store.internal.engine.StoreIterator;
import org.blobarena.store.internal.engine.StoreReads;
import org.blobarena.store.internal.record.Entry;
import org.jspecify.annotations.Nullable;

/**
 * The reads that {@link BlobStore} and {@link ReadOnlyBlobStore} have alike, by keys of the user; what they promise stands
 * there. Safe from any thread.
 *
 * @param directory the store's own, whose readers may read what is written to new files
 */
record KeyedReads<K>(StoreReads reads, KeyHasher hasher, KeyCodec<K> codec, Path directory) {

    OptionalInt get(K key, ByteBuffer target) throws IOException {
        int room = target.remaining();
        long length = reads.get(codec, Objects.requireNonNull(key, "key"), target);
        if (length > room) {
            throw new BufferOverflowException();
        }
        return length < 0 ? OptionalInt.empty() : OptionalInt.of((int) length);
    }

    OptionalLong get(K key, Path file) throws IOException {
        try (BlobView blob = reads.view(encoded(key))) {
            if (blob == null) {
                return OptionalLong.empty();
            }
            BlobFile.replace(file, blob, directory);
            return OptionalLong.of(blob.bytes());
        }
    }

    OptionalInt read(K key, long offset, ByteBuffer target) throws IOException {
        Objects.requireNonNull(target, "target");
        if (offset < 0) {
            throw new IndexOutOfBoundsException("an offset of " + offset + " is negative");
        }
        int count = reads.read(encoded(key), offset, target);
        return count < 0 ? OptionalInt.empty() : OptionalInt.of(count);
    }

    @Nullable BlobInputStream openStream(K key) throws IOException {
        BlobView blob = reads.view(encoded(key));
        return blob == null ? null : new BlobInputStream(blob);
    }

    OptionalLong transferTo(K key, WritableByteChannel target) throws IOException {
        Objects.requireNonNull(target, "target");
        try (BlobView blob = reads.view(encoded(key))) {
            if (blob == null) {
                return OptionalLong.empty();
            }
            blob.transferTo(target);
            return OptionalLong.of(blob.bytes());
        }
    }

    boolean contains(K key) {
        try {
            return reads.contains(encoded(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OptionalLong sizeOf(K key) throws IOException {
        long size = reads.sizeOf(encoded(key));
        return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
    }

    @Nullable RecordInfo describe(K key) throws IOException {
        return reads.describe(encoded(key));
    }

    void getAll(Iterable<? extends K> keys, BiConsumer<? super K, ? super byte[]> action) throws IOException {
        new BatchReader<>(reads, hasher, codec).visit(keys, Objects.requireNonNull(action, "action"));
    }

    void forEach(BiConsumer<? super K, ? super byte[]> action) throws IOException {
        Objects.requireNonNull(action, "action");
        try (LocationIndex.Cursor cursor = reads.cursor()) {
            for (var chunk = reads.nextChunk(cursor); chunk != null; chunk = reads.nextChunk(cursor)) {
                for (IndexedKey found : chunk) {
                    Entry entry = reads.entry(found.hash());
                    if (entry != null) {
                        action.accept(codec.decode(entry.key()), entry.payload());
                    }
                }
            }
        }
    }

    Stream<K> keys() {
        KeyIterator<K> keys = new KeyIterator<>(this, reads.cursor());
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(keys, Spliterator.NONNULL | Spliterator.DISTINCT), false)
                .onClose(keys::close);
    }

    /** What a stream of keys reads from. It is closed with the stream, or at its end: many are never closed that come there. */
    private static final class KeyIterator<K> implements Iterator<K> {

        private final Iterator<K> keys;
        private final LocationIndex.Cursor cursor;
        private final Watched watched;

        KeyIterator(KeyedReads<K> store, LocationIndex.Cursor cursor) {
            this.cursor = cursor;
            this.keys = new StoreIterator<>(store.reads, cursor, found -> {
                byte[] key = store.reads.key(found.hash());
                return key == null ? null : store.codec.decode(key);
            });
            Path path = store.directory;
            this.watched = store.reads.watch(this, () -> "a stream of keys of the store at " + path, cursor);
        }

        @Override
        public boolean hasNext() {
            boolean more = keys.hasNext();
            if (!more) {
                close();
            }
            return more;
        }

        @Override
        public K next() {
            return keys.next();
        }

        void close() {
            if (watched.end()) {
                cursor.close();
            }
        }
    }

    private EncodedKey encoded(K key) {
        return hasher.encoded(EncodedKey.bytesOf(codec, key));
    }
}
