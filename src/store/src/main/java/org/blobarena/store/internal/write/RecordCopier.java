package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.blobarena.format.IndexBlock;
import org.blobarena.index.KeyHash;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.core.UnreadableException;

/**
 * Copies records of one file to another. A record is verified in full before any of it is copied: damage is not spread, and
 * the file that has it stays. For one thread.
 */
public final class RecordCopier {

    private final RecordSource source;
    private final RateLimit rate;

    /** Reads ahead, for records that stand next to each other. */
    public RecordCopier(RateLimit rate) {
        this(rate, new RecordSource());
    }

    private RecordCopier(RateLimit rate, RecordSource source) {
        this.rate = rate;
        this.source = source;
    }

    /**
     * Returns one for records here and there, and for those that are too long for a {@link RunCopier}, or of a layout that it
     * does not copy.
     */
    public static RecordCopier beside(RunCopier runs, RateLimit rate) {
        return runs.copiesNone()
                ? new RecordCopier(rate)
                : new RecordCopier(rate, RecordSource.exact(RunCopier.RUN_BYTES));
    }

    /** How much was read from the disk so far. */
    public long bytesRead() {
        return source.bytesRead();
    }

    /**
     * Copies a record behind what the target has.
     *
     * @param entry of the record in its file
     * @throws CorruptBlobException if the record is damaged; nothing of it was copied
     * @throws UnreadableException if it cannot be read; some of it may have been copied
     */
    public void copy(StoreFile file, IndexBlock.Entry entry, ActiveFile target) throws IOException {
        byte[] key = source.openVerified(file, entry);
        rate.acquire(entry.length());
        target.beginCopy(source.header(), ByteBuffer.wrap(key));
        target.copyPayload(source);
        target.endCopy(entry, source.header().isCompressed());
    }

    /**
     * Writes, in the place of a value, a tombstone of its key with its number, which hides what it has hidden. The blob is not
     * read.
     *
     * @param entry of the value in its file
     * @return the length of the tombstone
     * @throws CorruptBlobException if the record is damaged
     * @throws UnreadableException if it cannot be read
     */
    public long bury(StoreFile file, IndexBlock.Entry entry, ActiveFile target) throws IOException {
        byte[] key = source.open(file, entry);
        PendingRecord tombstone = PendingRecord.tombstone(
                new EncodedKey(key, new KeyHash(entry.hashHigh(), entry.hashLow())), file.layout());
        rate.acquire(tombstone.length());
        target.append(tombstone, entry.sequence());
        return tombstone.length();
    }
}
