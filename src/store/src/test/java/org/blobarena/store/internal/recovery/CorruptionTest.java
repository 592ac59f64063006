package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.api.VerifyReport;
import org.junit.jupiter.api.Test;

/**
 * One flipped byte, anywhere in a small store of a few files, and what reads and verification make of it. Shows
 * invariants 3 and 10 of store-format.md.
 */
class CorruptionTest {

    private static final Set<Class<?>> REFUSALS =
            Set.of(CorruptBlobException.class, UnsupportedFormatException.class, ForeignFileException.class);

    @Test
    void flipAfterACleanCloseIsARightReadOrAnExceptionForThatKey() throws IOException {
        CorruptionSample sample = CorruptionSample.closed();
        Map<String, byte[]> files = sample.files();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            boolean mark = file.getKey().equals("CLEAN");
            for (int at = 0; at < file.getValue().length; at += step(file.getKey(), at)) {
                for (int pattern : patterns(at)) {
                    Outcome outcome = flip(sample, file.getKey(), at, pattern);
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
        CorruptionSample sample = CorruptionSample.crashed();
        Map<String, byte[]> files = sample.files();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            for (int at = 0; at < file.getValue().length; at += step(file.getKey(), at)) {
                for (int pattern : patterns(at)) {
                    Outcome outcome = flip(sample, file.getKey(), at, pattern);
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

    @Test
    void flipAfterACleanCloseWhoseMarkAndIndexAreLostIsARightReadOrAnExceptionForThatKey() throws IOException {
        CorruptionSample sample = new CorruptionSample(HeapLocationIndexFactory.forgetting(), false);
        for (boolean hasMark : new boolean[] {true, false}) {
            for (String name : sample.arenas()) {
                int length = sample.files().get(name).length;
                for (int at = 0; at < length; at += hasMark ? 5 : 1) {
                    Map<String, byte[]> files = sample.files();
                    if (!hasMark) {
                        files.remove("CLEAN");
                    }
                    Outcome outcome = flip(sample, files, name, at, 1 << at % 8);
                    assertThat(outcome.wrong).as(outcome.where).isEmpty();
                    assertThat(outcome.lost).as(outcome.where).isEmpty();
                    assertThat(outcome.refused || outcome.reported || !outcome.intact)
                            .as(outcome.where)
                            .isTrue();
                    assertThat(hasMark && !outcome.refused && outcome.torn)
                            .as("%s is torn", outcome.where)
                            .isFalse();
                }
            }
        }
    }

    /** Without its header nothing of an encrypted file can be read, so what it had is lost then, and that is reported. */
    @Test
    void flipInAnEncryptedStoreIsNeverAWrongReadAndNeverUnnoticed() throws IOException {
        for (boolean crash : new boolean[] {false, true}) {
            CorruptionSample sample = CorruptionSample.encrypted(HeapLocationIndexFactory.remembering(), crash);
            for (Map.Entry<String, byte[]> file : sample.files().entrySet()) {
                for (int at = 0; at < file.getValue().length; at += step(file.getKey(), at)) {
                    Outcome outcome = flip(sample, file.getKey(), at, 1 << at % 8);
                    assertThat(outcome.wrong).as(outcome.where).isEmpty();
                    assertThat(outcome.lost.isEmpty() || outcome.reported)
                            .as(outcome.where)
                            .isTrue();
                    assertThat(outcome.refused
                                    || outcome.reported
                                    || !outcome.intact
                                    || (file.getKey().equals("CLEAN") && !outcome.clean)
                                    || file.getKey().equals("STORE"))
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

    private static final class Outcome {
        private String where = "";
        private boolean refused;
        private boolean clean;
        private boolean intact;
        private boolean reported;
        private boolean torn;
        private List<String> wrong = List.of();
        private List<String> lost = List.of();
        private List<String> corrupt = List.of();
    }

    private static Outcome flip(CorruptionSample sample, String name, int at, int pattern) throws IOException {
        return flip(sample, sample.files(), name, at, pattern);
    }

    private static Outcome flip(CorruptionSample sample, Map<String, byte[]> flipped, String name, int at, int pattern)
            throws IOException {
        Outcome outcome = new Outcome();
        outcome.where = name + " byte " + at + " pattern " + pattern;
        byte[] bytes = flipped.get(name).clone();
        bytes[at] ^= (byte) pattern;
        flipped.put(name, bytes);
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(flipped));
        try (BlobStore<String> store = CorruptionSample.open(directory, sample.indexes())) {
            OpenReport report = store.stats().opening();
            outcome.clean = report.clean();
            CorruptionSample.Reads reads = sample.read(store);
            outcome.wrong = reads.wrong;
            outcome.lost = reads.lost;
            outcome.corrupt = reads.corrupt;
            VerifyReport verified = store.verify();
            outcome.intact = verified.isIntact();
            outcome.torn = report.tornBytes() > 0;
            outcome.reported = report.tornBytes() > 0 || report.damageCount() > 0;
        } catch (CorruptBlobException | UnsupportedFormatException | ForeignFileException e) {
            assertThat(REFUSALS).contains(e.getClass());
            assertThat(e.getMessage()).contains(name);
            outcome.refused = true;
        }
        assertThat(directory.list())
                .as(outcome.where)
                .containsAll(sample.files().keySet().stream()
                        .filter(file -> file.endsWith(".arena"))
                        .toList());
        return outcome;
    }
}
