package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.blobarena.format.BlockTable;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.record.BlockCodec;

/**
 * The arena files that long blobs are written to, each by one writer at a time: as many as there are such writers at
 * once, and a few that wait for the next. A file that has become long is sealed, since at the first opening after a
 * crash an unsealed one is read. Safe from any thread.
 */
public final class StreamFiles {

    private static final int IDLE_MAX = 4;
    private static final long SEALED_FROM_BYTES = 64L << 20;

    /** Of the limit of an arena file, a file is sealed at this part at the latest. */
    private static final int PART_OF_FILE = 4;

    private final StoreContext store;
    private final RecordWriter writer;
    private final BlockCodec codec;
    private final List<ActiveFile> idle = new ArrayList<>(IDLE_MAX);
    private final Set<StreamedRecord> open = new HashSet<>();
    private boolean closed;

    public StreamFiles(StoreContext store, RecordWriter writer, BlockCodec codec) {
        this.store = store;
        this.writer = writer;
        this.codec = codec;
    }

    /**
     * Begins a record.
     *
     * @param bytesExpected of the blob, as far as that is known
     */
    public StreamedRecord begin(EncodedKey key, long bytesExpected, WriteOptions options) throws IOException {
        StreamedRecord record = new StreamedRecord(store, writer, this, key, options);
        synchronized (this) {
            open.add(record);
        }
        try {
            record.begin(bytesExpected);
            return record;
        } catch (IOException | RuntimeException | Error e) {
            cutAfter(e, record);
            throw e;
        }
    }

    /** Writes the record of a blob that is in memory, all but its header. */
    public StreamedRecord write(EncodedKey key, ByteBuffer blob, WriteOptions options) throws IOException {
        try {
            StreamedRecord record = begin(key, blob.remaining(), options);
            try {
                ByteBuffer block = blob.duplicate();
                while (block.position() < blob.limit()) {
                    record.append(block.limit(Math.min(blob.limit(), block.position() + BlockTable.BLOCK_BYTES)));
                }
                record.complete(options.durability());
                return record;
            } catch (IOException | RuntimeException | Error e) {
                cutAfter(e, record);
                throw e;
            }
        } catch (IOException e) {
            throw Failures.translate(e);
        }
    }

    /** Cuts the record of a blob that fails. */
    public void cutAfter(Throwable failure, StreamedRecord record) {
        Throwable unused = Failures.after(failure, record::cut);
        synchronized (this) {
            open.remove(record);
        }
    }

    BlockCodec codec() {
        return codec;
    }

    /** A file with room, the caller's until it gives it back. */
    ActiveFile take(long recordBytes, boolean expires) throws IOException {
        synchronized (this) {
            for (Iterator<ActiveFile> files = idle.iterator(); files.hasNext(); ) {
                ActiveFile file = files.next();
                if (file.isRolled()) {
                    files.remove();
                } else if (file.hasRoomFor(recordBytes, expires) && file.use()) {
                    files.remove();
                    return file;
                }
            }
        }
        ActiveFile unused = writer.files().takeUnusedActive(recordBytes, expires);
        return unused == null ? begin() : unused;
    }

    /** A file that has nothing yet, the caller's until it gives it back. */
    public ActiveFile begin() throws IOException {
        writer.sealer().awaitRoom();
        return writer.files().beginForStreams();
    }

    /** Takes the file of a record that is published or cut. */
    void giveBack(StreamedRecord record, ActiveFile file) {
        synchronized (this) {
            open.remove(record);
        }
        giveBack(file);
    }

    /** Takes a file that nobody appends to. */
    void giveBack(ActiveFile file) {
        file.release();
        long sealedFrom = Math.min(SEALED_FROM_BYTES, store.settings().fileBytesMax() / PART_OF_FILE);
        synchronized (this) {
            if (closed) {
                return; // The writer seals what is not sealed yet.
            }
            if (file.writer().length() <= sealedFrom && idle.size() < IDLE_MAX) {
                idle.add(file);
                return;
            }
        }
        file.roll();
        writer.sealer().sealLater();
    }

    /** Cuts all records that are not published. To be called when nobody writes any more, before the writer's close. */
    public void close() throws IOException {
        List<StreamedRecord> unpublished;
        synchronized (this) {
            closed = true;
            unpublished = List.copyOf(open);
        }
        Throwable failure = null;
        for (StreamedRecord record : unpublished) {
            failure = Failures.after(failure, record::cut);
        }
        Failures.rethrow(failure);
    }
}
