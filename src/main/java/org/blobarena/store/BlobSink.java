package org.blobarena.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.blobarena.format.BlockTable;
import org.jspecify.annotations.Nullable;

/**
 * Takes a blob bit by bit and stores it once it is whole.
 *
 * <p>The first bytes are kept in memory, and a blob that ends within them is put as any other. A longer one becomes a
 * {@link SeparateRecord}, and memory is one block from then on. So is one that is known to be long.
 *
 * <p>Every method passes the gate of the store and none is inside while the blob's source is waited for: a close of
 * the store waits for no source. For one thread at a time.
 */
final class BlobSink {

    private static final int BYTES_AT_FIRST = 8 * 1024;

    private final StoreWrites writes;
    private final OperationGate gate;
    private final SeparateFiles files;
    private final Subject subject;
    private final int memoryBytes;
    private byte[] buffer;
    private int count;
    private @Nullable SeparateRecord record;
    private boolean ended;

    /**
     * What is to be stored.
     *
     * @param bytesExpected 0 when its length is not known
     */
    record Subject(EncodedKey key, long bytesExpected, PutMode mode) {}

    BlobSink(StoreWrites writes, OperationGate gate, SeparateFiles files, Subject subject) {
        this.writes = writes;
        this.gate = gate;
        this.files = files;
        this.subject = subject;
        this.memoryBytes = writes.streamMemoryBytes();
        this.buffer = new byte[Math.min(memoryBytes, BYTES_AT_FIRST)];
    }

    /**
     * Takes bytes.
     *
     * @param source from its position, which moves to its limit
     * @throws IOException if the blob cannot be stored; nothing is left of it
     */
    void write(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        orEnd(() -> take(source));
        writes.written(subject.key, bytes);
    }

    /** Stores the blob. */
    void publish() throws IOException {
        orEnd(() -> {
            store();
            ended = true;
            buffer = new byte[0];
        });
    }

    @FunctionalInterface
    private interface Step {

        void run() throws IOException;
    }

    /** Takes a step within the gate; when it fails, nothing is left of the blob. */
    private void orEnd(Step step) throws IOException {
        gate.enter();
        try {
            requireOpen();
            step.run();
        } catch (IOException e) {
            end(e);
            throw DiskFullException.orSame(e);
        } catch (RuntimeException | Error e) {
            end(e);
            throw e;
        } finally {
            gate.exit();
        }
    }

    /** Leaves nothing of the blob, unless it is stored. */
    void abort() throws IOException {
        try {
            gate.enter();
        } catch (StoreClosedException e) {
            return; // The close of the store has cut it.
        }
        try {
            ended = true;
            buffer = new byte[0];
            if (record != null) {
                record.cut();
            }
        } finally {
            gate.exit();
        }
    }

    private void take(ByteBuffer source) throws IOException {
        boolean fits = subject.bytesExpected <= memoryBytes && source.remaining() <= memoryBytes - count;
        if (record == null && fits) {
            keep(source);
            return;
        }
        SeparateRecord target = record == null ? beginRecord() : record;
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
    private SeparateRecord beginRecord() throws IOException {
        SeparateRecord begun =
                files.begin(subject.key, Math.max(count, subject.bytesExpected), subject.mode.compression());
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

    private void store() throws IOException {
        if (record == null) {
            writes.put(subject.key, ByteBuffer.wrap(buffer, 0, count), subject.mode);
        } else {
            if (count > 0) {
                record.append(ByteBuffer.wrap(buffer, 0, count));
            }
            record.complete(subject.mode.durability());
            writes.publish(subject.key, record, subject.mode.durability());
        }
    }

    private void end(Throwable failure) {
        ended = true;
        buffer = new byte[0];
        if (record != null) {
            files.cutAfter(failure, record);
        }
    }

    private void requireOpen() throws IOException {
        if (ended) {
            throw new IOException("the stream is closed, aborted, or has failed");
        }
    }
}
