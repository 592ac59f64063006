package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.blobarena.arena.Location;
import org.blobarena.format.BlockTable;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.write.StreamFiles;
import org.blobarena.store.internal.write.StreamedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes a blob bit by bit, and stores it when it is told to, and only then.
 *
 * <p>The first bytes are kept in memory, and a blob that ends within them is put as any other. A longer one becomes a
 * {@link StreamedRecord}, and memory is one block from then on. So is one that is known to be long.
 *
 * <p>Every method passes the gate of the store and none is inside while the blob's source is waited for: a close of
 * the store waits for no source. Safe from any thread: its methods take turns, so that whatever users do at the same time
 * what is stored is a record as it should be.
 */
public final class BlobSink {

    private static final int BYTES_AT_FIRST = 8 * 1024;

    private final StoreWrites writes;
    private final OperationGate gate;
    private final StreamFiles files;
    private final Subject subject;
    private final int memoryBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private byte[] buffer;
    private int count;
    private @Nullable StreamedRecord record;

    /** Why it takes nothing more; null while it does. */
    private @Nullable String end;

    /** What made it end, if something failed. */
    private @Nullable Throwable failure;

    /**
     * What is to be stored.
     *
     * @param bytesExpected 0 when its length is not known
     */
    record Subject(EncodedKey key, long bytesExpected, WriteOptions options) {}

    BlobSink(StoreWrites writes, OperationGate gate, StreamFiles files, Subject subject) {
        this.writes = writes;
        this.gate = gate;
        this.files = files;
        this.subject = subject;
        this.memoryBytes = writes.settings().streamMemoryBytes();
        this.buffer = new byte[Math.min(memoryBytes, BYTES_AT_FIRST)];
    }

    /** Has this dropped when its only user is collected. */
    public Watched watchFor(Object user, Path directory) {
        return gate.watch(user, () -> "a stream that writes to the store at " + directory, this::drop);
    }

    /**
     * Takes bytes.
     *
     * @param source from its position, which moves to its limit
     * @throws IOException if the blob cannot be stored; nothing is left of it
     */
    public void write(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        try {
            writes.enter(bytes);
        } catch (IOException e) {
            withLock(() -> {
                throw e;
            });
        }
        try {
            withLock(() -> take(source));
        } finally {
            writes.exit(bytes);
        }
        writes.written(subject.key, bytes);
    }

    /** Stores the blob. */
    public void publish() throws IOException {
        boolean unused = publishIf(null);
    }

    /**
     * Stores the blob if the key's location is as wished; else nothing is left of it.
     *
     * @param condition gets the location, null when the key is absent, while the key's lock is held
     * @return whether it was stored
     */
    public boolean publishIf(@Nullable Predicate<@Nullable Location> condition) throws IOException {
        boolean[] stored = new boolean[1];
        withLock(() -> {
            stored[0] = store(condition);
            end(stored[0] ? "the blob is stored already" : "the blob was not wanted any more", null);
        });
        return stored[0];
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    /** Takes a step with the lock and within the gate; when it fails, nothing is left of the blob. */
    private void withLock(Step step) throws IOException {
        OperationGate.requireRoom();
        lock.lock();
        try {
            gate.enterToWrite();
            try {
                requireOpen();
                runOrDrop(step);
            } finally {
                gate.exit();
            }
        } finally {
            lock.unlock();
        }
    }

    private void runOrDrop(Step step) throws IOException {
        try {
            step.run();
        } catch (IOException e) {
            IOException reported = Failures.translate(e);
            dropAfter(reported);
            throw reported;
        } catch (RuntimeException | Error e) {
            dropAfter(e);
            throw e;
        }
    }

    /** Leaves nothing of the blob, unless it is stored. */
    public void drop() throws IOException {
        OperationGate.requireRoom();
        lock.lock();
        try {
            gate.enterToWrite();
            try {
                dropUnlessEnded();
            } finally {
                gate.exit();
            }
        } catch (StoreClosedException e) {
            // The close of the store has cut it.
        } finally {
            lock.unlock();
        }
    }

    private void dropUnlessEnded() throws IOException {
        if (end == null) {
            end("the stream was closed before the blob was committed", null);
            if (record != null) {
                record.cut();
            }
        }
    }

    private void take(ByteBuffer source) throws IOException {
        boolean fits = subject.bytesExpected <= memoryBytes && source.remaining() <= memoryBytes - count;
        if (record == null && fits) {
            keep(source);
            return;
        }
        StreamedRecord target = record == null ? beginRecord() : record;
        int end = source.limit();
        while (source.position() < end) {
            int room = BlockTable.BLOCK_BYTES - count;
            source.limit(Math.min(end, source.position() + room));
            if (source.remaining() == BlockTable.BLOCK_BYTES) {
                target.append(source);
            } else {
                keep(source);
                if (count == BlockTable.BLOCK_BYTES) {
                    target.append(ByteBuffer.wrap(buffer));
                    count = 0;
                }
            }
            source.limit(end);
        }
    }

    private void keep(ByteBuffer source) {
        int bytes = source.remaining();
        if (count + bytes > buffer.length) {
            int doubled = (int) Math.min(memoryBytes, 2L * buffer.length);
            buffer = Arrays.copyOf(buffer, Math.max(doubled, count + bytes));
        }
        source.get(buffer, count, bytes);
        count += bytes;
    }

    /** Writes what was kept, whose rest is kept in a buffer of one block. */
    private StreamedRecord beginRecord() throws IOException {
        StreamedRecord begun = files.begin(subject.key, Math.max(count, subject.bytesExpected), subject.options);
        record = begun;
        ByteBuffer kept = ByteBuffer.wrap(buffer, 0, count);
        byte[] block = new byte[BlockTable.BLOCK_BYTES];
        while (count - kept.position() >= BlockTable.BLOCK_BYTES) {
            begun.append(kept.limit(kept.position() + BlockTable.BLOCK_BYTES));
        }
        kept.limit(count);
        count = kept.remaining();
        kept.get(block, 0, count);
        buffer = block;
        return begun;
    }

    private boolean store(@Nullable Predicate<@Nullable Location> condition) throws IOException {
        if (record == null) {
            writes.sizes().requireFits(subject.key, count, subject.options);
            return writes.putInside(
                    subject.key, condition, new PreparedBlob(ByteBuffer.wrap(buffer, 0, count)), subject.options);
        }
        if (count > 0) {
            record.append(ByteBuffer.wrap(buffer, 0, count));
        }
        record.complete(subject.options.durability());
        boolean stored = writes.publish(subject.key, condition, record, subject.options.durability());
        if (!stored) {
            record.cut();
        }
        return stored;
    }

    private void dropAfter(Throwable cause) {
        end("the blob was dropped when a write failed", cause);
        if (record != null) {
            files.cutAfter(cause, record);
        }
    }

    private void end(String reason, @Nullable Throwable cause) {
        end = reason;
        failure = cause;
        buffer = new byte[0];
    }

    private void requireOpen() throws IOException {
        if (end != null) {
            throw new IOException(end, failure);
        }
    }
}
