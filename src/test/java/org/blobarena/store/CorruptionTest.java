package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blobarena.arena.io.DiskImage;
import org.blobarena.arena.io.FaultyDirectory;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.junit.jupiter.api.Test;

/** One flipped byte, anywhere in a small store of a few files, and what reads and verification make of it. */
class CorruptionTest {

    private static final Set<Class<?>> REFUSALS =
            Set.of(CorruptBlobException.class, UnsupportedFormatException.class, ForeignFileException.class);

    private final Map<String, ByteBuffer> model = new HashMap<>();

    /** All values that a key ever had. */
    private final Map<String, List<ByteBuffer>> history = new HashMap<>();

    @Test
    void flipAfterACleanCloseIsARightReadOrAnExceptionForThatKey() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.remembering();
        Map<String, byte[]> files = make(indexes, false);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            boolean mark = file.getKey().equals("CLEAN");
            for (int at = 0; at < file.getValue().length; at += step(file.getKey(), at)) {
                for (int pattern : patterns(at)) {
                    Outcome outcome = flip(files, file.getKey(), at, pattern, indexes);
                    assertThat(outcome.wrong).as(outcome.where).isEmpty();
                    assertThat(outcome.lost).as(outcome.where).isEmpty();
                    if (file.getKey().equals("STORE")) {
                        assertThat(outcome.refused || outcome.reported || isPadding(at))
                                .as(outcome.where)
                                .isTrue();
                    } else if (mark) {
                        assertThat(outcome.corrupt).as(outcome.where).isEmpty();
                        assertThat(outcome.clean).as(outcome.where).isFalse();
                    } else {
                        assertThat(outcome.intact).as(outcome.where).isFalse();
                    }
                }
            }
        }
    }

    @Test
    void flipAfterACrashIsNeverAWrongReadAndNeverUnnoticed() throws IOException {
        HeapLocationIndexFactory indexes = HeapLocationIndexFactory.forgetting();
        Map<String, byte[]> files = make(indexes, true);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            for (int at = 0; at < file.getValue().length; at += step(file.getKey(), at)) {
                for (int pattern : patterns(at)) {
                    Outcome outcome = flip(files, file.getKey(), at, pattern, indexes);
                    assertThat(outcome.wrong).as(outcome.where).isEmpty();
                    assertThat(outcome.refused
                                    || outcome.reported
                                    || !outcome.intact
                                    || file.getKey().equals("STORE"))
                            .as(outcome.where)
                            .isTrue();
                    assertThat(outcome.lost.isEmpty() || outcome.reported)
                            .as(outcome.where)
                            .isTrue();
                }
            }
        }
    }

    /** What is behind the first copy of the identity: its damage costs nothing as long as the first is right. */
    private static boolean isPadding(int at) {
        return at >= StoreIdentity.BYTES;
    }

    /** Every byte; of the zeros between the two copies of the identity, which nobody reads, some. */
    private static int step(String name, int at) {
        return name.equals("STORE") && at >= 64 && at < 4000 ? 97 : 1;
    }

    private static int[] patterns(int at) {
        return at % 37 == 0 ? new int[] {0xff, 0x01, 0x80, 0x20} : new int[] {1 << at % 8};
    }

    /** Two sealed files and an unsealed one, in about 10 KiB. */
    private Map<String, byte[]> make(HeapLocationIndexFactory indexes, boolean crash) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(DiskImage.empty());
        int step = 0;
        for (int round = 0; round < 3; round++) {
            try (BlobStore<String> store = open(directory, indexes)) {
                while (store.stats().arenaFiles() <= round) {
                    step(store, step);
                    step++;
                }
                for (int i = 0; i < 9; i++) {
                    step(store, step);
                    step++;
                }
                if (crash && round == 2) {
                    store.crash();
                }
            }
        }
        Map<String, byte[]> files =
                directory.deviceAfter(directory.changes()).afterKill().files();
        files.remove("RESERVE"); // Its bytes mean nothing.
        assertThat(files.keySet()).contains("00000001.arena", "00000002.arena", "00000003.arena");
        assertThat(files.values().stream().mapToInt(bytes -> bytes.length).sum())
                .isLessThan(15_000);
        return files;
    }

    private void step(BlobStore<String> store, int step) throws IOException {
        String key = "key" + step * 7 % 11;
        if (step % 5 == 4) {
            store.remove(key);
            model.remove(key);
        } else {
            byte[] blob = TestStores.blob(20 + step * 3 % 100, step);
            store.put(key, blob, step % 4 == 0 ? Durability.FORCED : Durability.WRITTEN);
            model.put(key, ByteBuffer.wrap(blob));
            history.computeIfAbsent(key, k -> new ArrayList<>()).add(ByteBuffer.wrap(blob));
        }
    }

    /** With files smaller than a user may have them. */
    private static BlobStore<String> open(FaultyDirectory directory, HeapLocationIndexFactory indexes)
            throws IOException {
        return TestStores.onHeap(indexes)
                .seams(new StoreOpener.Seams((path, create) -> directory, indexes))
                .fileBytes(4096)
                .open(directory.path());
    }

    private static final class Outcome {
        private String where = "";
        private boolean refused;
        private boolean clean;
        private boolean intact;
        private boolean reported;
        private final List<String> wrong = new ArrayList<>();
        private final List<String> lost = new ArrayList<>();
        private final List<String> corrupt = new ArrayList<>();
    }

    private Outcome flip(Map<String, byte[]> files, String name, int at, int pattern, HeapLocationIndexFactory indexes)
            throws IOException {
        Outcome outcome = new Outcome();
        outcome.where = name + " byte " + at + " pattern " + pattern;
        Map<String, byte[]> flipped = new HashMap<>(files);
        byte[] bytes = files.get(name).clone();
        bytes[at] ^= (byte) pattern;
        flipped.put(name, bytes);
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(flipped));
        try (BlobStore<String> store = open(directory, indexes)) {
            OpenReport report = store.stats().opening();
            outcome.clean = report.clean();
            read(store, outcome);
            VerifyReport verified = store.verify();
            outcome.intact = verified.isIntact();
            outcome.reported = report.tornBytes() > 0 || report.damageCount() > 0;
        } catch (CorruptBlobException | UnsupportedFormatException | ForeignFileException e) {
            assertThat(REFUSALS).contains(e.getClass());
            assertThat(e.getMessage()).contains(name);
            outcome.refused = true;
        }
        assertThat(directory.list())
                .as(outcome.where)
                .containsAll(files.keySet().stream()
                        .filter(file -> file.endsWith(".arena"))
                        .toList());
        return outcome;
    }

    private void read(BlobStore<String> store, Outcome outcome) throws IOException {
        for (String key : history.keySet()) {
            try {
                byte[] found = store.get(key);
                ByteBuffer expected = model.get(key);
                if (found == null ? expected != null : !ByteBuffer.wrap(found).equals(expected)) {
                    outcome.lost.add(key);
                }
                if (found != null && !history.get(key).contains(ByteBuffer.wrap(found))) {
                    outcome.wrong.add(key);
                }
            } catch (CorruptBlobException e) {
                outcome.corrupt.add(key);
            }
        }
    }
}
