package org.blobarena.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Readers;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.KeyFiles;
import org.blobarena.cli.process.Wait;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.RawPath;
import org.blobarena.cli.transfer.ContentBlobs;
import org.blobarena.cli.transfer.KeyedBlobs;
import org.blobarena.cli.transfer.ReadOnlyBlobs;
import org.blobarena.cli.transfer.ReadOnlyContents;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.cli.transfer.StoreBlobs;
import org.blobarena.content.ContentRepairReport;
import org.blobarena.content.ContentStore;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.IndexKind;
import org.blobarena.store.ReadOnlyBlobStoreBuilder;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.api.StoreLockedException;
import org.blobarena.store.crypt.KeySource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The option that says which store a command is about, before or after the command's name. */
final class StoreOption {

    private static final String VARIABLE = "BLOBARENA_STORE";

    /** The file that every store has. */
    private static final String IDENTITY = "STORE";

    /** The file that every opening for writing leaves. */
    private static final String LOCK = "LOCK";

    /** The limit of arena files is raised for larger blobs only: after a crash it bounds what is read again. */
    private static final long USUAL_ARENA_BYTES = 1L << 30;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The store's directory; " + VARIABLE + " in the environment when not given.")
    private @Nullable Path option;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            scope = ScopeType.INHERIT,
            converter = Wait.Converter.class,
            description = "How long to wait for a store that another process has open; 0 when not given.")
    private Wait wait = Wait.NONE;

    @Option(
            names = "--index",
            paramLabel = "KIND",
            scope = ScopeType.INHERIT,
            converter = IndexKindConverter.class,
            description =
                    "What the index is: automatic (what the store has, else a Chronicle Map where it runs), chronicle-map "
                            + "or table. Another is made from the files. automatic when not given.")
    private IndexKind index = IndexKind.AUTOMATIC;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "A key of the store, if it is encrypted or is to be: a file of 32 bytes, or of 64 hexadecimal digits. "
                            + "ID=FILE gives a key with another id than 1; the greatest is used for what is written.")
    private List<String> keyFiles = new ArrayList<>();

    static final class IndexKindConverter implements ITypeConverter<IndexKind> {

        @Override
        public IndexKind convert(String value) {
            for (IndexKind kind : IndexKind.values()) {
                if (kind.name().replace('_', '-').equalsIgnoreCase(value)) {
                    return kind;
                }
            }
            throw new TypeConversionException("'" + value + "' is no kind of index: automatic, chronicle-map or table");
        }
    }

    /**
     * The directory, which need not exist.
     *
     * @throws ParameterException if none was given
     */
    Path directory(Console console) {
        if (option != null) {
            return option;
        }
        String variable = console.environment().getOrDefault(VARIABLE, "");
        if (variable.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no store: give --store DIR or set " + VARIABLE);
        }
        try {
            return RawPath.of(variable);
        } catch (InvalidPathException e) {
            throw new ParameterException(spec.commandLine(), VARIABLE + " is no path: " + e.getReason());
        }
    }

    /**
     * How a command will write.
     *
     * @param blobBytesMax the largest blob that will be put
     * @param compress whether blobs are compressed
     * @param durability of each blob that is acknowledged
     * @param expiry when each blob expires
     * @param dedup whether a store that is made keeps the same content once
     */
    record Writing(long blobBytesMax, boolean compress, Durability durability, Expiry expiry, boolean dedup) {

        Compression compression() {
            return compress ? Compression.ZSTD : Compression.NONE;
        }
    }

    /** Opens the store that must be there, of whatever kind. */
    KeyedBlobs openBlobs(Console console) throws IOException {
        ContentStore contents = openContents(console);
        return contents != null ? new ContentBlobs(contents) : new StoreBlobs(open(console));
    }

    /**
     * Opens the store that must be there, for a command that only reads: beside the process that has it open, and where it
     * cannot be written or is a snapshot. Else it is opened as for other commands, since that needs no new index.
     */
    ReadableBlobs openToRead(Console console) throws IOException {
        Path directory = directory(console);
        boolean isOfContents = ContentBlobs.isIn(directory);
        if (wasOpened(isOfContents ? directory.resolve("contents") : directory)) {
            try {
                return openBlobs(console);
            } catch (StoreLockedException e) {
                // It can be read all the same.
            }
        }
        if (isOfContents) {
            requireNoKeys(directory);
            return ReadOnlyContents.open(directory);
        }
        ReadOnlyBlobStoreBuilder<Key> reader = BlobStore.reader(Key.CODEC);
        KeySource keys = keys();
        if (keys != null) {
            reader.keySource(keys);
        }
        return new ReadOnlyBlobs(reader.open(directory));
    }

    /** Whether it can be opened for writing, and has been: a snapshot stays one as long as it is only read. */
    private static boolean wasOpened(Path store) {
        return Files.isWritable(store) && Files.exists(store.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens the store if it keeps the same content once, else returns null. */
    @Nullable ContentStore openContents(Console console) throws IOException {
        Path directory = directory(console);
        if (!ContentBlobs.isIn(directory)) {
            return null;
        }
        requireNoKeys(directory);
        return wait.until(() -> ContentStore.builder().index(index).open(directory));
    }

    /** Opens the store that must be there and has a blob for each key. */
    BlobStore<Key> open(Console console) throws IOException {
        Path directory = directory(console);
        return wait.until(() -> builder().createIfMissing(false).open(directory));
    }

    /** Repairs the store that must be there and has a blob for each key. */
    RepairReport repair(Console console) throws IOException {
        Path directory = directory(console);
        KeySource keys = keys();
        return wait.until(() -> keys == null ? BlobStore.repair(directory) : BlobStore.repair(directory, keys));
    }

    /** Repairs the store if it keeps the same content once, else returns null. */
    @Nullable ContentRepairReport repairContents(Console console) throws IOException {
        Path directory = directory(console);
        if (!ContentBlobs.isIn(directory)) {
            return null;
        }
        requireNoKeys(directory);
        return wait.until(() -> ContentStore.repair(directory));
    }

    /** Who may read what comes out of the store. */
    Readers readers(Console console) {
        Path directory = directory(console);
        return Readers.of((ContentBlobs.isIn(directory) ? directory.resolve("contents") : directory).resolve(IDENTITY));
    }

    /** Opens the store, and makes it where there is none. */
    KeyedBlobs openOrCreate(Console console, Writing writing) throws IOException {
        return openOrCreate(directory(console), writing);
    }

    /** Opens the store in a directory, which is another one's, and makes it where there is none. */
    KeyedBlobs openOrCreate(Path directory, Writing writing) throws IOException {
        if (writing.dedup || ContentBlobs.isIn(directory)) {
            requireNoKeys(directory);
            if (!writing.expiry.isNever()) {
                throw new ParameterException(
                        spec.commandLine(), directory + " keeps the same content once, and takes no blob that expires");
            }
            return new ContentBlobs(wait.until(() -> ContentStore.builder()
                    .index(index)
                    .durability(writing.durability)
                    .compression(writing.compression())
                    .open(directory)));
        }
        long arenaBytesMax = Math.min(Location.UNSIGNED_MAX, writing.blobBytesMax + SourceStream.OTHER_BYTES);
        BlobStoreBuilder<Key> builder =
                builder().durability(writing.durability).expiry(writing.expiry).compression(writing.compression());
        if (arenaBytesMax > USUAL_ARENA_BYTES) {
            builder.arenaBytesMax(arenaBytesMax);
        }
        return new StoreBlobs(wait.until(() -> builder.open(directory)));
    }

    /** The real path of the directory, or what it will be. */
    Path realDirectory(Console console) throws IOException {
        return real(directory(console));
    }

    /** @throws ParameterException if the path is the store's directory or lies inside of it; neither need exist */
    void requireOutside(Console console, Path path) throws IOException {
        if (isInside(path, directory(console))) {
            throw new ParameterException(spec.commandLine(), path + " lies inside the store at " + directory(console));
        }
    }

    /** @throws ParameterException if a store in the path would not be another than this, or lie in it or around it */
    void requireApart(Console console, Path path) throws IOException {
        requireOutside(console, path);
        if (realDirectory(console).startsWith(real(path))) {
            throw new ParameterException(spec.commandLine(), directory(console) + " lies inside " + path);
        }
    }

    /** Whether a path is another one or lies inside of it; neither need exist. */
    static boolean isInside(Path path, Path outer) throws IOException {
        return real(path).startsWith(real(outer));
    }

    /** The real path of what exists of it, and the rest. */
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path existing = absolute;
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing.toRealPath().resolve(existing.relativize(absolute));
    }

    private BlobStoreBuilder<Key> builder() {
        BlobStoreBuilder<Key> builder = BlobStore.builder(Key.CODEC).index(index);
        KeySource keys = keys();
        return keys == null ? builder : builder.keySource(keys);
    }

    private void requireNoKeys(Path directory) {
        if (!keyFiles.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    directory
                            + " keeps the same content once, and such a store cannot be encrypted: leave out --key-file");
        }
    }

    private @Nullable KeySource keys() {
        if (keyFiles.isEmpty()) {
            return null;
        }
        try {
            return KeyFiles.read(keyFiles);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
