package org.blobarena.store.internal.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;
import org.blobarena.arena.internal.io.Scratch;
import org.blobarena.format.BlockTable;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.leak.Watched;
import org.blobarena.store.internal.record.OpenRecord;
import org.blobarena.store.internal.watch.DamageEvent;
import org.blobarena.store.internal.watch.Recordings;

/**
 * A blob as it was when it was looked up, whatever becomes of its key: its file is pinned until the view is closed.
 *
 * <p>Reads pass the gate of the store, and nobody is inside while a target is waited for. For one thread at a time.
 */
public final class BlobView implements Closeable {

    private static final int PIECE_BYTES = 8 * 1024;

    private final OperationGate gate;
    private final StoreFile file;
    private final OpenRecord record;
    private final long bytes;
    private Consumer<CorruptBlobException> observer = damage -> {};
    private boolean closed;

    /**
     * @param file which was pinned for this view
     * @param record in that file, which is opened for nothing else any more
     * @param bytes of the blob
     */
    BlobView(OperationGate gate, StoreFile file, OpenRecord record, long bytes) {
        this.gate = gate;
        this.file = file;
        this.record = record;
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    /** Has this closed when its only user is collected. */
    public Watched watchFor(Object user) {
        return gate.watch(user, () -> "a stream of a blob in " + file.path(), this);
    }

    /**
     * Reads a part of the blob.
     *
     * @param target filled from its position as far as the blob reaches
     */
    public int read(long offset, ByteBuffer target) throws IOException {
        try {
            return readInside(offset, target);
        } catch (CorruptBlobException e) {
            if (Recordings.mayRun()) {
                DamageEvent.found(e);
            }
            observer.accept(e);
            throw e;
        }
    }

    private int readInside(long offset, ByteBuffer target) throws IOException {
        gate.enter();
        try (Scratch scratch = Scratch.take()) {
            return record.range(scratch, offset, target);
        } finally {
            gate.exit();
        }
    }

    /** @param replacement gets the damage that {@link #read} meets, before it is thrown */
    void setObserver(Consumer<CorruptBlobException> replacement) {
        observer = replacement;
    }

    /**
     * Writes the whole blob, block by block out of the buffer in which each was verified. To let the system move the
     * bytes, after they were read for the sake of verification, was no faster and cost the processor as much; and what
     * is written thus is what was verified.
     *
     * <p>A target may be as slow as it likes, and there may be many. So only some have a buffer lent; the others have a small
     * one on the heap, and read and verify a block for every piece of it, rather than keep it.
     */
    public void transferTo(WritableByteChannel target) throws IOException {
        if (target instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
        try (Scratch lent = bytes() <= PIECE_BYTES ? null : Scratch.tryLend()) {
            if (lent == null) {
                transferPieces(target);
            } else {
                for (int block = 0; block < BlockTable.blocks(bytes); block++) {
                    writeAll(read(lent, block), target);
                }
            }
        }
    }

    private void transferPieces(WritableByteChannel target) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, bytes()));
        for (long offset = 0; offset < bytes(); ) {
            offset += read(offset, piece.clear());
            writeAll(piece.flip(), target);
        }
    }

    private static void writeAll(ByteBuffer source, WritableByteChannel target) throws IOException {
        while (source.hasRemaining()) {
            target.write(source);
        }
    }

    private ByteBuffer read(Scratch scratch, int block) throws IOException {
        gate.enter();
        try {
            return record.block(scratch, block);
        } finally {
            gate.exit();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            file.unpin();
        }
    }
}
