package org.blobarena.store.testing;

import org.blobarena.arena.Location;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.format.ArenaFooter;
import org.blobarena.format.FileNames;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.StoreFile;

/** Makes files of which a test says what they hold; nothing is read. */
public final class StoreFiles {

    private final Directory directory;

    public StoreFiles(Directory directory) {
        this.directory = directory;
    }

    /**
     * What a file holds.
     *
     * @param bytes its length, all of it records
     * @param live bytes of values that the index points at
     * @param tombstoneBytes of its tombstones
     * @param creationSequence the next sequence number when it was begun
     * @param sequenceMin the least of its records
     */
    public record Holding(long bytes, long live, long tombstoneBytes, long creationSequence, long sequenceMin) {

        public static Holding of(long bytes, long live) {
            return new Holding(bytes, live, 0, 1, 1);
        }
    }

    public StoreFile sealed(long id, Holding holding) {
        return file(id, holding, true);
    }

    public StoreFile unsealed(long id, Holding holding) {
        return file(id, holding, false);
    }

    private StoreFile file(long id, Holding holding, boolean sealed) {
        Location nowhere = new Location(id, 0, 0);
        FileContent content = new FileContent(new ArenaFooter(
                nowhere,
                nowhere,
                holding.bytes == 0 ? 0 : 10,
                holding.tombstoneBytes == 0 ? 0 : 5,
                holding.bytes,
                holding.tombstoneBytes,
                0,
                0,
                0,
                holding.sequenceMin,
                holding.sequenceMin + 9));
        ReadableFile arena =
                ReadableFile.existing(id, directory, FileNames.arena(id), holding.bytes, new ChannelCache(10));
        StoreFile file = new StoreFile(arena, new StoreFile.Origin(1, holding.creationSequence), content, sealed);
        file.addLive(holding.live);
        return file;
    }
}
