package org.blobarena.content;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobWriter;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
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

    private static final KeyCodec<String> NAMES = KeyCodec.utf8();
    private static final int NAME_BYTES_MAX = 65_535;
    private static final int STREAM_BYTES_EXPECTED = 8 * 1024;

    /** Up to so many bytes a file is read once, rather than twice, as long as all such files have room. */
    private static final int FILE_IN_MEMORY_BYTES_MAX = 4 << 20;

    private static final int FILES_IN_MEMORY_BYTES = 16 << 20;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int LOCKS = 64;

    private final BlobStore<String> names;
    private final BlobStore<Digest> contents;
    private final ContentOptions options;
    private final ContentPins pins;
    private final ContentSteps steps;
    private final Spool.Limits spoolLimits;
    private final Semaphore filesInMemory = new Semaphore(FILES_IN_MEMORY_BYTES);
    private final ReentrantLock[] storing = new ReentrantLock[LOCKS];
    private final AtomicLong storingCount = new AtomicLong();
    private final AtomicLong storedCount = new AtomicLong();
    private final AtomicLong forcedCount = new AtomicLong();

    /** Whether content was found after a crash that may not be on the device. */
    private volatile boolean foundUnforced;

    ContentWrites(
            BlobStore<String> names,
            BlobStore<Digest> contents,
            ContentOptions options,
            ContentPins pins,
            ContentSteps steps) {
        this.names = names;
        this.contents = contents;
        this.options = options;
        this.pins = pins;
        this.steps = steps;
        this.spoolLimits = new Spool.Limits(options.directory(), MEMORY_BYTES_MAX, options.contentBytesMax());
        Arrays.setAll(storing, i -> new ReentrantLock());
        this.foundUnforced = !contents.stats().opening().clean();
    }

    /** Stores content unless it is there. */
    @FunctionalInterface
    private interface Storing {

        void store() throws IOException;
    }

    Digest put(@Nullable String name, ByteBuffer content) throws IOException {
        requireName(name);
        Digest digest = Digest.of(content);
        put(name, digest, () -> store(digest, content.duplicate()));
        content.position(content.limit());
        return digest;
    }

    Digest put(@Nullable String name, InputStream content) throws IOException {
        requireName(name);
        return put(name, content, STREAM_BYTES_EXPECTED);
    }

    private Digest put(@Nullable String name, InputStream content, int bytesExpected) throws IOException {
        return put(name, content, bytesExpected, spoolLimits);
    }

    private Digest put(@Nullable String name, InputStream content, int bytesExpected, Spool.Limits limits)
            throws IOException {
        try (Spool spool = Spool.of(content, bytesExpected, limits)) {
            Digest digest = spool.digest();
            if (spool.isInMemory()) {
                put(name, digest, () -> store(digest, spool.inMemory()));
            } else {
                put(name, digest, () -> storeLong(digest, () -> contents.put(digest, spool::writeTo)));
            }
            return digest;
        }
    }

    Digest put(@Nullable String name, Path file) throws IOException {
        requireName(name);
        long bytes = Files.size(file);
        if (bytes <= MEMORY_BYTES_MAX) {
            try (InputStream content = Files.newInputStream(file)) {
                return put(name, content, (int) bytes);
            }
        }
        if (bytes > options.contentBytesMax()) {
            throw new BlobTooLargeException(
                    file + " has " + bytes + " bytes, more than the limit of " + options.contentBytesMax());
        }
        if (bytes <= FILE_IN_MEMORY_BYTES_MAX && filesInMemory.tryAcquire((int) bytes)) {
            try (InputStream content = Files.newInputStream(file)) {
                int withOneMore = (int) bytes + 1; // By which a file is found out that grows.
                return put(name, content, (int) bytes, spoolLimits.withMemory(withOneMore));
            } finally {
                filesInMemory.release((int) bytes);
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
        requireName(name);
        pins.pin(digest);
        try {
            steps.at(ContentSteps.Step.PINNED);
            if (!contents.contains(digest)) {
                throw new MissingContentException(name, digest);
            }
            steps.at(ContentSteps.Step.PRESENT);
            write(name, digest);
            steps.at(ContentSteps.Step.WRITTEN);
        } finally {
            pins.unpin(digest);
        }
    }

    /** Before content is stored for it. */
    private static void requireName(@Nullable String name) {
        if (name != null) {
            int bytes = NAMES.encode(name).length;
            if (bytes > NAME_BYTES_MAX) {
                throw new BlobTooLargeException(
                        "a name of " + bytes + " bytes is longer than the limit of " + NAME_BYTES_MAX);
            }
        }
    }

    private void put(@Nullable String name, Digest digest, Storing storing) throws IOException {
        pins.pin(digest);
        try {
            steps.at(ContentSteps.Step.PINNED);
            if (!contents.contains(digest)) {
                storing.store();
            }
            steps.at(ContentSteps.Step.PRESENT);
            if (name != null) {
                write(name, digest);
            }
            steps.at(ContentSteps.Step.WRITTEN);
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
        } finally {
            storedCount.incrementAndGet(); // Also of one that failed: its record may stand.
            storingCount.decrementAndGet();
        }
    }

    /** Binds a name to content that is there, and pinned. */
    private void write(String name, Digest digest) throws IOException {
        byte[] value = digest.toBytes();
        if (foundUnforced && !options.forcesRebound()) {
            force(); // Here all that is put is forced at once, but what was found may not be.
        }
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
        if (foundUnforced || storingCount.get() > 0 || storedCount.get() > forcedCount.get()) {
            force();
        }
    }

    /** Forces all contents. */
    void force() throws IOException {
        long stored = storedCount.get();
        contents.force();
        forcedCount.accumulateAndGet(stored, Math::max);
        foundUnforced = false;
    }
}
