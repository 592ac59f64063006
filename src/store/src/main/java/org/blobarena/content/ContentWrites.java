package org.blobarena.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.CorruptBlobException;
import org.jspecify.annotations.Nullable;

/**
 * Writes of a content store: content first, then its name.
 *
 * <p>Content in memory is stored by a put of the store that does nothing if the key is present. There is none for streams, so
 * the same long content is kept from being stored twice by a lock, one of several, that is held while it is copied from a file.
 * The length decides which of the two it is, so that the same content always goes the same way.
 */
final class ContentWrites {

    /** Up to so many bytes a stream is kept in memory while its digest is computed. */
    static final int MEMORY_BYTES_MAX = 1 << 20;

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int LOCKS = 64;

    private final BlobStore<String> names;
    private final BlobStore<Digest> contents;
    private final ContentOptions options;
    private final ContentPins pins;
    private final ReentrantLock[] storing = new ReentrantLock[LOCKS];
    private final AtomicLong storingCount = new AtomicLong();
    private final AtomicLong storedCount = new AtomicLong();
    private final AtomicLong forcedCount = new AtomicLong();

    ContentWrites(BlobStore<String> names, BlobStore<Digest> contents, ContentOptions options, ContentPins pins) {
        this.names = names;
        this.contents = contents;
        this.options = options;
        this.pins = pins;
        Arrays.setAll(storing, i -> new ReentrantLock());
    }

    /** Stores content unless it is there. */
    @FunctionalInterface
    private interface Storing {

        void store() throws IOException;
    }

    Digest put(@Nullable String name, ByteBuffer content) throws IOException {
        Digest digest = Digest.of(content);
        put(name, digest, () -> store(digest, content.duplicate()));
        content.position(content.limit());
        return digest;
    }

    Digest put(@Nullable String name, InputStream content) throws IOException {
        try (Spool spool = Spool.of(content, options.spoolDirectory(), MEMORY_BYTES_MAX)) {
            Digest digest = spool.digest();
            if (spool.isInMemory()) {
                put(name, digest, () -> store(digest, spool.inMemory()));
            } else {
                put(name, digest, () -> storeLong(digest, () -> contents.put(digest, spool.stream())));
            }
            return digest;
        }
    }

    Digest put(@Nullable String name, Path file) throws IOException {
        if (Files.size(file) <= MEMORY_BYTES_MAX) {
            try (InputStream content = Files.newInputStream(file)) {
                return put(name, content);
            }
        }
        Digest digest;
        try (InputStream content = Files.newInputStream(file)) {
            MessageDigest sha256 = Digest.sha256();
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
                sha256.update(piece, 0, count);
            }
            digest = Digest.of(sha256);
        }
        put(name, digest, () -> storeLong(digest, () -> contents.put(digest, unchanged(file, digest))));
        return digest;
    }

    /** Writes a file, and fails if it has not the digest that it had. */
    static BlobWriter unchanged(Path file, Digest digest) {
        return out -> {
            try (InputStream content = new VerifiedStream(Files.newInputStream(file), found -> {
                if (!found.equals(digest)) {
                    throw new IOException(file + " was changed while it was stored");
                }
            })) {
                byte[] piece = new byte[PIECE_BYTES];
                for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
                    out.write(piece, 0, count);
                }
            }
        };
    }

    /** @throws MissingContentException if there is no such content */
    void bind(String name, Digest digest) throws IOException {
        pins.pin(digest);
        try {
            if (!contents.contains(digest)) {
                throw new MissingContentException(name, digest);
            }
            write(name, digest);
        } finally {
            pins.unpin(digest);
        }
    }

    private void put(@Nullable String name, Digest digest, Storing storing) throws IOException {
        pins.pin(digest);
        try {
            if (!contents.contains(digest)) {
                storing.store();
            }
            if (name != null) {
                write(name, digest);
            }
        } finally {
            pins.unpin(digest);
        }
    }

    private void store(Digest digest, ByteBuffer content) throws IOException {
        if (content.remaining() > MEMORY_BYTES_MAX) {
            storeLong(digest, () -> contents.put(digest, content));
        } else {
            counted(() -> {
                boolean unused = contents.putIfAbsent(digest, content);
            });
        }
    }

    private void storeLong(Digest digest, Storing put) throws IOException {
        ReentrantLock lock = storing[Math.floorMod(digest.hashCode(), LOCKS)];
        lock.lock();
        try {
            if (!contents.contains(digest)) {
                counted(put);
            }
        } finally {
            lock.unlock();
        }
    }

    private void counted(Storing put) throws IOException {
        storingCount.incrementAndGet();
        try {
            put.store();
            storedCount.incrementAndGet();
        } finally {
            storingCount.decrementAndGet();
        }
    }

    /** Binds a name to content that is there, and pinned. */
    private void write(String name, Digest digest) throws IOException {
        byte[] value = digest.toBytes();
        if (names.putIfAbsent(name, value) || isBound(name, value)) {
            return;
        }
        if (options.forcesRebound()) {
            forceUnforced();
        }
        names.put(name, value);
    }

    /** Returns whether a name has this digest already, so that nothing has to be written or forced for it. */
    private boolean isBound(String name, byte[] value) throws IOException {
        try {
            return Arrays.equals(names.get(name), value);
        } catch (CorruptBlobException e) {
            return false; // It is about to be replaced.
        }
    }

    /**
     * Forces the contents unless all that can be bound are forced. Content that can be bound was counted as stored, or is
     * still counted as being stored; so the counts are read in this order.
     */
    private void forceUnforced() throws IOException {
        if (storingCount.get() > 0 || storedCount.get() > forcedCount.get()) {
            force();
        }
    }

    /** Forces all contents. */
    void force() throws IOException {
        long stored = storedCount.get();
        contents.force();
        forcedCount.accumulateAndGet(stored, Math::max);
    }
}
