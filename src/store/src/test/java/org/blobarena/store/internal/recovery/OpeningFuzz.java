package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.FormatException;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.SpecifiedValues;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.FuzzInput;

/**
 * A target for a fuzzer: opens a small store whose files, and index, were changed as the input says (see {@link
 * FuzzedFiles}), reads everything in every way, verifies, writes, and opens it again.
 *
 * <p>Whatever was changed: only documented exceptions, no arena file is deleted, a refused opening changes nothing, a
 * value is one that some record holds under that very key (see {@link SpecifiedValues}), and what is put is found again.
 * Opening again finds the same, unless the files were forged: forged records may say of a key what forged index blocks
 * deny. Shows invariants 3, 7 and 9 of store-format.md. Public, as the fuzzer calls it from outside.
 */
public final class OpeningFuzz {

    private static final Path PATH = Path.of("simulated");
    private static final StoreIdentity IDENTITY = new StoreIdentity(new UUID(1, 2), 3);
    private static final byte[] NEW_KEY = bytes("put afterwards");
    private static final byte[] NEW_VALUE = bytes("and found again");
    private static final ByteBuffer DAMAGED = ByteBuffer.wrap(bytes("in the place of a value that is damaged"));
    private static final int CRASHED = 1;
    private static final int VERIFIED = 2;

    private static final Original CLEAN = make(false);
    private static final Original AFTER_CRASH = make(true);

    private final HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
    private final Map<String, byte[]> files;
    private final FaultyDirectory directory;
    private final boolean verified;
    private final boolean forged;
    private SpecifiedValues values = SpecifiedValues.none();

    /** Files of a store, and the index that its close left. */
    private record Original(Map<String, byte[]> files, Map<KeyHash, Location> index) {}

    private OpeningFuzz(FuzzInput input) throws IOException {
        int flags = input.next();
        Original original = (flags & CRASHED) == 0 ? CLEAN : AFTER_CRASH;
        verified = (flags & VERIFIED) != 0;
        restoreIndex(original.index, input);
        FuzzedFiles changes = new FuzzedFiles(original.files, IDENTITY, input);
        files = changes.changed();
        forged = changes.isForged();
        directory = new FaultyDirectory(new DiskImage(files));
    }

    /** What a fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        check(input);
    }

    /** Whether the store was opened. */
    static boolean check(byte[] input) throws IOException {
        return new OpeningFuzz(new FuzzInput(input)).check();
    }

    // ---- the store before the changes

    /** Two sealed files and an unsealed one, with values, replaced values and removals. */
    private static Original make(boolean crash) {
        try {
            HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
            FaultyDirectory directory = new FaultyDirectory(
                    new DiskImage(Map.of("STORE", IDENTITY.encodeFile().array())));
            try (BlobStore<byte[]> store = open(directory, indexes)) {
                for (int i = 0; i < 70; i++) {
                    byte[] key = bytes("key" + i * 7 % 11);
                    if (i % 5 == 4) {
                        store.remove(key);
                    } else if (i % 17 == 16) {
                        store.withCompression(Compression.ZSTD)
                                .withDurability(durability(i))
                                .put(key, new byte[20 + i]);
                    } else {
                        store.withDurability(durability(i)).put(key, TestStores.blob(20 + i * 3 % 100, i));
                    }
                }
                if (crash) {
                    StoreAccess.crash(store);
                }
            }
            Map<String, byte[]> files = new TreeMap<>(
                    directory.deviceAfter(directory.changes()).afterKill().files());
            files.remove("RESERVE"); // Its bytes mean nothing.
            Map<KeyHash, Location> index = new HashMap<>();
            if (!crash) {
                try (LocationIndex.Cursor cursor =
                        indexes.open(PATH, "heap", liveKeys(directory, indexes)).cursor()) {
                    while (cursor.next(index::put)) {}
                }
            }
            return new Original(files, index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long liveKeys(FaultyDirectory directory, HeapLocationIndexFactory indexes) throws IOException {
        try (BlobStore<byte[]> store = open(directory, indexes)) {
            return store.size();
        }
    }

    private static Durability durability(int step) {
        return step % 4 == 0 ? Durability.FORCED : Durability.WRITTEN;
    }

    private static BlobStore<byte[]> open(FaultyDirectory directory, HeapLocationIndexFactory indexes)
            throws IOException {
        return StoreAccess.environment(
                        StoreAccess.fileBytes(BlobStore.builder(KeyCodec.bytes()), 4096)
                                .bufferBytes(512)
                                .automaticCompaction(false),
                        new StoreEnvironment(
                                (path, create) -> directory, indexes, name -> new CrashWorkload.Immediate()))
                .open(PATH);
    }

    /** As the mark says it, but for some locations: an index may point anywhere. */
    private void restoreIndex(Map<KeyHash, Location> entries, FuzzInput input) throws IOException {
        LocationIndex index = indexes.create(PATH, 0);
        List<KeyHash> hashes = new ArrayList<>(entries.keySet());
        hashes.sort((a, b) -> Long.compare(a.high(), b.high()));
        for (KeyHash hash : hashes) {
            index.put(hash, entries.get(hash));
        }
        for (int i = input.next() % 4; i > 0 && !hashes.isEmpty(); i--) {
            KeyHash hash = hashes.get(input.next() % hashes.size());
            Location like = entries.get(hashes.get(input.next() % hashes.size()));
            long offset = like.offset() + input.nextInt();
            long length = like.length() + input.nextInt();
            index.put(hash, new Location(like.fileIndex() + input.next() % 2, unsigned(offset), unsigned(length)));
        }
    }

    private static long unsigned(long value) {
        return value & Location.UNSIGNED_MAX;
    }

    // ---- what must hold

    private boolean check() throws IOException {
        Map<ByteBuffer, ByteBuffer> found;
        try (BlobStore<byte[]> store = open(directory, indexes)) {
            values = specifiedValues();
            found = readEverything(store);
            if (verified) {
                store.verify();
            }
            if (!store.stats().opening().clean()) {
                StoreAccess.crash(store); // Else the next opening has an index that is right, and not this one.
            }
        } catch (CorruptBlobException | UnsupportedFormatException | ForeignFileException | NotAStoreException e) {
            requireUntouched();
            return false;
        }
        try (BlobStore<byte[]> store = open(directory, indexes)) {
            Map<ByteBuffer, ByteBuffer> again = readEverything(store);
            require(again.equals(found) || forged, "another content after a second opening");
            found = again;
            writeAndRead(store, found);
        }
        try (BlobStore<byte[]> store = open(directory, indexes)) {
            require(readEverything(store).equals(found), "another content after a close");
        }
        requireArenaFiles();
        return true;
    }

    private void writeAndRead(BlobStore<byte[]> store, Map<ByteBuffer, ByteBuffer> found) throws IOException {
        values.add(NEW_KEY, NEW_VALUE);
        try {
            store.put(NEW_KEY, NEW_VALUE);
        } catch (IOException e) {
            require(String.valueOf(e.getMessage()).contains("used up"), e.toString());
            return;
        }
        require(ByteBuffer.wrap(NEW_VALUE).equals(ByteBuffer.wrap(store.get(NEW_KEY))), "what was put is not found");
        found.put(ByteBuffer.wrap(NEW_KEY), ByteBuffer.wrap(NEW_VALUE));
    }

    /** What each key has, or that it is damaged. */
    private Map<ByteBuffer, ByteBuffer> readEverything(BlobStore<byte[]> store) throws IOException {
        Map<ByteBuffer, ByteBuffer> found = new HashMap<>();
        for (ByteBuffer key : values.keys()) {
            byte[] bytes = new byte[key.remaining()];
            key.duplicate().get(bytes);
            read(store, bytes, found);
        }
        for (int i = 0; i < 11; i++) {
            read(store, bytes("key" + i), found);
        }
        visit(store, found);
        return found;
    }

    private void read(BlobStore<byte[]> store, byte[] key, Map<ByteBuffer, ByteBuffer> found) throws IOException {
        try {
            byte[] value = store.get(key);
            if (value != null) {
                require(values.contains(key, value), "a value that no record holds");
                require(store.contains(key), "no key of a value");
                // A footer may deny that its file has compressed records, which a forger alone can do.
                require(forged || store.sizeOf(key).orElse(-1) == value.length, "another size");
                found.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
            }
        } catch (CorruptBlobException e) {
            found.put(ByteBuffer.wrap(key), DAMAGED);
        }
    }

    private void visit(BlobStore<byte[]> store, Map<ByteBuffer, ByteBuffer> found) throws IOException {
        try {
            Map<ByteBuffer, ByteBuffer> visited = new HashMap<>();
            store.forEach((key, value) -> {
                require(values.contains(key, value), "a visit of a value that no record holds");
                visited.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
            });
            require(visited.equals(found), "a visit of other keys or values than those that are read");
        } catch (CorruptBlobException e) {
            require(!e.getMessage().isEmpty(), "no message");
        }
        try (Stream<byte[]> keys = store.keys()) {
            keys.forEach(key -> require(values.keys().contains(ByteBuffer.wrap(key)), "a key that no record holds"));
        } catch (UncheckedIOException e) {
            if (!(e.getCause() instanceof CorruptBlobException)) {
                throw e;
            }
        }
    }

    /** A directory without an identity becomes a new store, if it has nothing else. */
    private SpecifiedValues specifiedValues() throws IOException {
        if (!files.containsKey("STORE")) {
            require(Set.of("LOCK", "STORE.tmp").containsAll(files.keySet()), "files were taken for a new store");
            return SpecifiedValues.none();
        }
        return new SpecifiedValues(files, identity());
    }

    private StoreIdentity identity() {
        ByteBuffer bytes = ByteBuffer.wrap(files.get("STORE"));
        for (int at : StoreIdentity.COPY_OFFSETS) {
            try {
                return StoreIdentity.decode(bytes.slice(at, Math.min(StoreIdentity.BYTES, bytes.limit() - at)));
            } catch (FormatException | IndexOutOfBoundsException e) {
                // The other is as good.
            }
        }
        throw new AssertionError("a store without an identity was opened");
    }

    private Map<String, byte[]> imageNow() {
        return directory.deviceAfter(directory.changes()).afterKill().files();
    }

    private void requireUntouched() {
        Map<String, byte[]> now = imageNow();
        files.forEach((name, bytes) -> {
            if (name.endsWith(".arena") || name.equals("STORE")) {
                require(Arrays.equals(bytes, now.get(name)), name + " was changed by an opening that failed");
            }
        });
    }

    private void requireArenaFiles() {
        Map<String, byte[]> now = imageNow();
        for (String name : files.keySet()) {
            require(!name.endsWith(".arena") || now.containsKey(name), name + " was deleted");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
