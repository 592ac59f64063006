package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.arena.internal.io.WholeFile;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.engine.BlobView;

/** Writes a blob to a file of the user's. */
final class BlobFile {

    private BlobFile() {}

    /** A new file can be read by those who can read the store. */
    static void replace(Path file, BlobView blob, Path store) throws IOException {
        try (WholeFile whole = WholeFile.replacing(file, Readers.of(store.resolve(FileNames.IDENTITY)));
                BlobInputStream in = new BlobInputStream(blob)) {
            in.transferTo(whole.out());
            whole.commit();
        } catch (IOException e) {
            throw Failures.unwrap(e);
        }
    }
}
