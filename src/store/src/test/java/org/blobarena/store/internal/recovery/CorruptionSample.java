package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.TestKeys;
import org.blobarena.store.testing.TestStores;

/** A small store of a few files, what it held and holds, and what is to be read of it after some damage. */
public final class CorruptionSample {

    private final Map<String, ByteBuffer> model = new HashMap<>();

    /** All values that a key ever had. */
    private final Map<String, List<ByteBuffer>> history = new HashMap<>();

    private final HeapLocationIndexFactory indexes;
    private final boolean encrypted;
    private final Map<String, byte[]> files;

    /** Two sealed files and an unsealed one, in about 10 KiB. */
    public CorruptionSample(HeapLocationIndexFactory indexes, boolean crash) throws IOException {
        this(indexes, crash, false);
    }

    private CorruptionSample(HeapLocationIndexFactory indexes, boolean crash, boolean encrypted) throws IOException {
        this.indexes = indexes;
        this.encrypted = encrypted;
        this.files = make(crash);
    }

    /** The same of an encrypted store. */
    public static CorruptionSample encrypted(HeapLocationIndexFactory indexes, boolean crash) throws IOException {
        return new CorruptionSample(indexes, crash, true);
    }

    /** After a clean close, whose index can be opened. */
    static CorruptionSample closed() throws IOException {
        return new CorruptionSample(HeapLocationIndexFactory.remembering(), false);
    }

    /** After a crash. */
    static CorruptionSample crashed() throws IOException {
        return new CorruptionSample(HeapLocationIndexFactory.forgetting(), true);
    }

    /** The undamaged files, without the reserve, whose bytes mean nothing. */
    public Map<String, byte[]> files() {
        return new TreeMap<>(files);
    }

    /** The index as the sample left it; what is done with it has no effect on other trials. */
    HeapLocationIndexFactory indexes() {
        return indexes.copy();
    }

    /** The names of the arena files. */
    List<String> arenas() {
        return files.keySet().stream()
                .filter(name -> name.endsWith(".arena"))
                .sorted()
                .toList();
    }

    /** All keys that there ever were. */
    public Set<String> keys() {
        return history.keySet();
    }

    Map<String, ByteBuffer> model() {
        return model;
    }

    /** What reading every key came to. */
    static final class Reads {

        /** What the store answered; without the keys that were an exception. */
        final Map<String, ByteBuffer> answers = new HashMap<>();

        /** Keys that were an exception. */
        final List<String> corrupt = new ArrayList<>();

        /** Keys that were answered otherwise than with their last value. */
        final List<String> lost = new ArrayList<>();

        /** Keys that were answered with what they never had. */
        final List<String> wrong = new ArrayList<>();
    }

    Reads read(BlobStore<String> store) throws IOException {
        Reads reads = new Reads();
        for (String key : history.keySet()) {
            try {
                byte[] found = store.get(key);
                ByteBuffer expected = model.get(key);
                if (found == null ? expected != null : !ByteBuffer.wrap(found).equals(expected)) {
                    reads.lost.add(key);
                }
                if (found != null) {
                    reads.answers.put(key, ByteBuffer.wrap(found));
                    if (!history.get(key).contains(ByteBuffer.wrap(found))) {
                        reads.wrong.add(key);
                    }
                }
            } catch (CorruptBlobException e) {
                reads.corrupt.add(key);
            }
        }
        return reads;
    }

    /** With files smaller than a user may have them. */
    static BlobStore<String> open(FaultyDirectory directory, HeapLocationIndexFactory indexes) throws IOException {
        return builder(directory, indexes, directory.list().contains("KEYS")).open(directory.path());
    }

    private static BlobStoreBuilder<String> builder(
            FaultyDirectory directory, HeapLocationIndexFactory indexes, boolean encrypted) {
        BlobStoreBuilder<String> builder = StoreAccess.fileBytes(
                        StoreAccess.environment(TestStores.onHeap(indexes), environment(directory, indexes)), 4096)
                .automaticCompaction(false);
        return encrypted ? builder.keySource(TestKeys.first()) : builder;
    }

    static StoreEnvironment environment(FaultyDirectory directory, HeapLocationIndexFactory indexes) {
        return new StoreEnvironment((path, create) -> directory, indexes, name -> new CrashWorkload.Immediate());
    }

    private Map<String, byte[]> make(boolean crash) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        int step = 0;
        for (int round = 0; round < 3; round++) {
            try (BlobStore<String> store =
                    builder(directory, indexes, encrypted).open(directory.path())) {
                while (store.stats().arenaFiles() <= round) {
                    step(store, step);
                    step++;
                }
                for (int i = 0; i < 9; i++) {
                    step(store, step);
                    step++;
                }
                if (crash && round == 2) {
                    StoreAccess.crash(store);
                }
            }
        }
        Map<String, byte[]> made =
                directory.deviceAfter(directory.changes()).afterKill().files();
        made.remove("RESERVE");
        assertThat(made.keySet()).contains("00000001.arena", "00000002.arena", "00000003.arena");
        assertThat(made.values().stream().mapToInt(bytes -> bytes.length).sum()).isLessThan(20_000);
        return made;
    }

    private void step(BlobStore<String> store, int step) throws IOException {
        String key = "key" + step * 7 % 11;
        if (step % 5 == 4) {
            store.remove(key);
            model.remove(key);
        } else {
            byte[] blob = TestStores.blob(20 + step * 3 % 100, step);
            store.withDurability(step % 4 == 0 ? Durability.FORCED : Durability.WRITTEN)
                    .put(key, blob);
            model.put(key, ByteBuffer.wrap(blob));
            history.computeIfAbsent(key, k -> new ArrayList<>()).add(ByteBuffer.wrap(blob));
        }
    }
}
