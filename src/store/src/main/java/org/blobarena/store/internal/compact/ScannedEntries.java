package org.blobarena.store.internal.compact;

import java.io.IOException;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.RecordType;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.FileEntries;
import org.blobarena.store.internal.record.FileScanner;
import org.blobarena.store.internal.recovery.DamageLog;
import org.blobarena.store.internal.recovery.UnsealedScan;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a file without a footer, from its records: of one that a crash has torn in the middle, so that it could
 * not be sealed. For one thread.
 *
 * <p>What is torn counts for nothing. What is damaged counts, and cannot be copied; so the whole file is judged, as
 * a recovery does it, before there is a first entry.
 */
public final class ScannedEntries implements FileEntries {

    private final KeyHasher hasher;
    private final FileScanner scanner;

    /** @throws CorruptBlobException if something in the file is damaged, and not only torn */
    public ScannedEntries(StoreFile file, KeyHasher hasher) throws IOException {
        this.hasher = hasher;
        requireUndamaged(file, hasher);
        this.scanner = new FileScanner(file);
    }

    private static void requireUndamaged(StoreFile file, KeyHasher hasher) throws IOException {
        DamageLog damage = new DamageLog();
        StoreFile uncounted = file.withContent(FileContent.none(file.id()), false);
        new UnsealedScan(uncounted, hasher, damage, UnsealedScan.Known.NOTHING).run(new Copyable());
        for (Damage place : damage.places()) {
            throw file.corrupt(place.offset(), place.problem());
        }
    }

    private static final class Copyable implements UnsealedScan.Target {

        @Override
        public void apply(StoreFile file, IndexBlock.Entry entry) {
            // Is read again when it is copied.
        }

        @Override
        public void applyUnreadable(StoreFile file, IndexBlock.Entry entry) throws CorruptBlobException {
            throw file.corrupt(entry.offset(), "a record that an index block lists cannot be read");
        }
    }

    @Override
    public IndexBlock.@Nullable Entry next() throws IOException {
        while (scanner.next()) {
            if (RecordType.isOfKey(scanner.header().type())) {
                return scanner.entry(hasher.hash(scanner.key()));
            }
        }
        return null;
    }
}
