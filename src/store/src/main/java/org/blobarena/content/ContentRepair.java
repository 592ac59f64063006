package org.blobarena.content;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RepairReport;

/**
 * Repairs a content store, and takes back what openings have noted of its damage.
 *
 * <p>The notes go last, while the store is open and nobody else can find new damage in it, and after the names are unbound
 * whose content is lost. A crash before that leaves the notes, and the repair is repeated; it lists again what the notes say.
 */
final class ContentRepair {

    private final Path directory;
    private final ContentDirectory place;

    ContentRepair(Path directory) {
        this.directory = directory;
        this.place = new ContentDirectory(directory);
    }

    ContentRepairReport run() throws IOException {
        place.requireBoth();
        noteLost(BlobStore.builder(KeyCodec.utf8()), place.names(), place.namesNote());
        noteLost(BlobStore.builder(new DigestCodec()), place.contents(), place.contentsNote());
        RepairReport names = BlobStore.repair(place.names());
        RepairReport contents = BlobStore.repair(place.contents());
        List<String> lostFiles = new ArrayList<>(place.namesNote().lost());
        lostFiles.addAll(place.contentsNote().lost());
        try (ContentStore store = ContentStore.builder().openAsItIs(directory)) {
            List<String> unbound = store.namesWithoutContent();
            store.unbind(unbound);
            place.namesNote().delete();
            place.contentsNote().delete();
            return new ContentRepairReport(names, contents, List.copyOf(lostFiles), List.copyOf(unbound));
        }
    }

    /** A repair removes the mark that can miss a file, and need not know the keys that were in it. */
    private static void noteLost(BlobStoreBuilder<?> builder, Path store, DamageNote note) throws IOException {
        try {
            builder.requireAllFiles(true).open(store).close();
        } catch (CorruptBlobException e) {
            note.addLost(e);
        }
    }
}
