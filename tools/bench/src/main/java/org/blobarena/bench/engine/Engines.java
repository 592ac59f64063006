package org.blobarena.bench.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.blobarena.arena.ReadMode;
import org.blobarena.store.IndexKind;

/** What can be compared, under the names of the command line and of the tables. */
public enum Engines {
    RAW("raw", Durability.BUFFERED, RawEngine::open),
    TABLE_WRITTEN(
            "table-written",
            Durability.WRITTEN,
            (directory, scale) ->
                    BlobArenaEngine.open(directory, IndexKind.TABLE, org.blobarena.store.api.Durability.WRITTEN)),
    TABLE_BUFFERED(
            "table-buffered",
            Durability.BUFFERED,
            (directory, scale) ->
                    BlobArenaEngine.open(directory, IndexKind.TABLE, org.blobarena.store.api.Durability.BUFFERED)),
    TABLE_MAPPED(
            "table-mapped",
            Durability.WRITTEN,
            (directory, scale) -> BlobArenaEngine.open(
                    directory, IndexKind.TABLE, org.blobarena.store.api.Durability.WRITTEN, ReadMode.MAPPED)),
    CHRONICLE_WRITTEN(
            "chronicle-written",
            Durability.WRITTEN,
            (directory, scale) -> BlobArenaEngine.open(
                    directory, IndexKind.CHRONICLE_MAP, org.blobarena.store.api.Durability.WRITTEN)),
    CHRONICLE_BUFFERED(
            "chronicle-buffered",
            Durability.BUFFERED,
            (directory, scale) -> BlobArenaEngine.open(
                    directory, IndexKind.CHRONICLE_MAP, org.blobarena.store.api.Durability.BUFFERED)),
    HALODB("halodb", Durability.WRITTEN, HaloDbEngine::open),
    ROCKSDB("rocksdb", Durability.WRITTEN, (directory, scale) -> RocksDbEngine.open(directory, false)),
    ROCKSDB_BLOB("rocksdb-blob", Durability.WRITTEN, (directory, scale) -> RocksDbEngine.open(directory, true)),
    LMDB("lmdb", Durability.WRITTEN, LmdbEngine::open),
    CHRONICLE_MAP("chronicle-map", Durability.WRITTEN, ChronicleMapEngine::open),
    MVSTORE("mvstore", Durability.BUFFERED, (directory, scale) -> MvStoreEngine.open(directory)),
    MAPDB("mapdb", Durability.CLOSED, (directory, scale) -> MapDbEngine.open(directory)),
    INFINISPAN("infinispan", Durability.BUFFERED, (directory, scale) -> InfinispanEngine.open(directory)),
    FILES("files", Durability.WRITTEN, (directory, scale) -> FilesEngine.open(directory));

    /** Opens or creates the store of a directory that exists. */
    private interface Opener {
        Engine open(Path directory, Scale scale) throws IOException;
    }

    private final String label;
    private final Durability durability;
    private final Opener opener;

    Engines(String label, Durability durability, Opener opener) {
        this.label = label;
        this.durability = durability;
        this.opener = opener;
    }

    /** Those whose classes are there. */
    public static List<Engines> available() {
        return Arrays.stream(values())
                .filter(engine -> engine != HALODB || HaloDbEngine.isAvailable())
                .toList();
    }

    /** @throws IllegalArgumentException if there is none of that name */
    public static Engines named(String label) {
        return Arrays.stream(values())
                .filter(engine -> engine.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine is named " + label + "; there are "
                        + Arrays.stream(values()).map(Engines::label).toList()));
    }

    public String label() {
        return label;
    }

    public Durability durability() {
        return durability;
    }

    /** Opens the store in a directory, which is created if it is missing. */
    public Engine open(Path directory, Scale scale) throws IOException {
        Files.createDirectories(directory);
        return opener.open(directory, scale);
    }
}
