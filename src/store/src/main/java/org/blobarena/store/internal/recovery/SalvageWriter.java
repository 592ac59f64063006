package org.blobarena.store.internal.recovery;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.arena.Location;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.write.ActiveFile;
import org.blobarena.store.internal.write.ActiveFileOpener;
import org.blobarena.store.internal.write.PendingRecord;
import org.blobarena.store.internal.write.RateLimit;
import org.blobarena.store.internal.write.RecordCopier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the arena file that takes the place of a damaged one, under a name that no opening takes for an arena file,
 * and seals it. Records keep their sequence numbers and their order. Closing it unsealed deletes it.
 */
final class SalvageWriter implements Closeable {

    /** What a damaged file held beside what could be read is not known, so the new one does not vouch for anything. */
    private static final long CREATION_SEQUENCE_UNKNOWN = 0;

    private final StoreContext store;
    private final long fileId;
    private final ActiveFile target;
    private final RecordCopier copier = new RecordCopier(new RateLimit(0, () -> true));
    private boolean sealed;
    private long recordsKept;

    SalvageWriter(StoreContext store, long fileId) throws IOException {
        this.store = store;
        this.fileId = fileId;
        this.target = ActiveFileOpener.create(
                store,
                fileId,
                FileNames.arenaUnfinished(fileId),
                new ActiveFileOpener.Beginning(CREATION_SEQUENCE_UNKNOWN, false));
    }

    long fileId() {
        return fileId;
    }

    long recordsKept() {
        return recordsKept;
    }

    /**
     * A tombstone that keeps an older value of a key from coming back.
     *
     * @param sequence the number of the lost record that had hidden it, so that a repair that was cut short and is
     *     begun again knows it for a loss
     * @param offset where that record was in its file
     */
    record Hiding(EncodedKey key, long sequence, long offset) {}

    void hide(Hiding hiding) throws IOException {
        target.append(PendingRecord.tombstone(hiding.key, store.layout()), hiding.sequence);
    }

    /**
     * Copies every record of a file that is the newest of its key.
     *
     * @param newest where the newest record of each key is
     * @param hidings in the order of their offsets
     */
    void copy(StoreFile source, LocationIndex newest, List<Hiding> hidings) throws IOException {
        Iterator<Hiding> rest = hidings.iterator();
        Hiding next = next(rest);
        FileScanner scanner = new FileScanner(source);
        while (scanner.next()) {
            while (next != null && next.offset < scanner.offset()) {
                hide(next);
                next = next(rest);
            }
            if (RecordType.isOfKey(scanner.header().type())) {
                copyIfNewest(source, scanner, newest);
            }
        }
        while (next != null) {
            hide(next);
            next = next(rest);
        }
    }

    private static @Nullable Hiding next(Iterator<Hiding> hidings) {
        return hidings.hasNext() ? hidings.next() : null;
    }

    private void copyIfNewest(StoreFile source, FileScanner scanner, LocationIndex newest) throws IOException {
        RecordHeader header = scanner.header();
        EncodedKey key = store.hasher().encoded(scanner.key());
        Location location = new Location(source.id(), scanner.offset(), header.recordLength());
        if (!location.equals(newest.get(key.hash()))) {
            return;
        }
        copier.copy(source, scanner.entry(key.hash()), target);
        recordsKept++;
    }

    /** Makes the file whole and durable, all but its name. */
    void seal() throws IOException {
        target.seal(new ReentrantLock()); // Nobody else appends to it.
        target.writer().finish().close();
        sealed = true;
    }

    @Override
    public void close() throws IOException {
        if (!sealed) {
            target.writer().close();
            store.directory().delete(FileNames.arenaUnfinished(fileId));
        }
    }
}
