package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.SpecifiedChecksums;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.spec.SpecComparison;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.testing.TestStores;

/**
 * The recipes of the fixtures that are damaged: small stores, and what is done to their bytes. The keys are letters, and
 * each value says which it is. {@link #main} writes the fixtures, with what is to be found in each.
 */
final class DamagedStores {

    static final Path FIXTURES = Path.of("src/store/src/test/resources/fixtures/damaged-1");
    static final List<String> KEYS = List.of("a", "b", "c", "d");

    private static final StoreIdentity IDENTITY =
            new StoreIdentity(new UUID(0x0011223344556677L, 0x8899aabbccddeeffL), 42);
    private static final String FIRST = "00000001.arena";
    private static final String SECOND = "00000002.arena";
    private static final int HEADER = 32;
    private static final int FOOTER = 112;

    private DamagedStores() {}

    /** Writes to a store. */
    @FunctionalInterface
    private interface Script {

        void run(BlobStore<String> store) throws IOException;
    }

    /** Changes the files of a store. */
    @FunctionalInterface
    private interface Change {

        void apply(Damaged files);
    }

    /** The fixtures by name. */
    static Map<String, Map<String, byte[]>> make() throws IOException {
        Map<String, Map<String, byte[]>> made = new LinkedHashMap<>();
        Map<String, byte[]> closed = closed(DamagedStores::puts);
        made.put(
                "tombstone-after-clean-close",
                changed(closed, files -> files.lose("CLEAN").flip(FIRST, files.record(2) + 9)));
        made.put("tombstone-with-mark", changed(closed, files -> files.flip(FIRST, files.record(2) + 9)));
        made.put(
                "value-after-clean-close",
                changed(closed, files -> files.lose("CLEAN").flip(FIRST, files.record(3) + 9)));
        made.put(
                "payload-after-clean-close",
                changed(closed, files -> files.lose("CLEAN").flip(FIRST, files.record(3) + HEADER + 1)));
        made.put(
                "last-index-block-without-mark",
                changed(closed, files -> files.lose("CLEAN").flip(FIRST, files.record(5) + 40)));
        made.put("last-index-block-with-mark", changed(closed, files -> files.flip(FIRST, files.record(5) + 40)));
        made.put("arena-header", changed(closed, files -> files.lose("CLEAN").flip(FIRST, 40)));
        made.put(
                "arena-header-with-a-flipped-version",
                changed(closed, files -> files.lose("CLEAN").flip(FIRST, 8)));
        made.put("newer-version", changed(closed, files -> files.lose("CLEAN").newerVersion()));
        made.put(
                "file-under-another-name",
                changed(closed, files -> files.lose("CLEAN").rename(FIRST, SECOND)));
        made.put("identity-with-one-copy", changed(closed, files -> files.flip("STORE", 20)));
        made.put(
                "identity-without-a-copy",
                changed(closed, files -> files.flip("STORE", 20).flip("STORE", 532)));
        made.put("file-cut-between-records-with-mark", changed(closed, files -> files.cut(FIRST, files.record(4))));
        made.put("file-missing-with-mark", changed(closed, files -> files.lose(FIRST)));
        Map<String, byte[]> crashed = crashed(DamagedStores::puts);
        made.put("torn-tail", changed(crashed, files -> files.cut(FIRST, files.length(FIRST) - 3)));
        made.put("hole-above-forced", changed(crashed, files -> files.flip(FIRST, files.record(3) + 9)));
        made.put("payload-above-forced", changed(crashed, files -> files.flip(FIRST, files.record(3) + HEADER + 1)));
        made.put("zeros-for-a-file", changed(crashed, files -> files.put(SECOND, new byte[200])));
        made.put("file-that-was-just-begun", changed(crashed, files -> files.put(SECOND, new byte[10])));
        made.put("same-number-twice", changed(crashed, files -> files.setSequence(files.record(3), 1)));
        Map<String, byte[]> forced = crashed(store -> {
            puts(store);
            store.force();
            store.put("c", text("c 2"));
        });
        made.put("hole-below-forced", changed(forced, files -> files.flip(FIRST, files.record(1) + 9)));
        made.put("payload-below-forced", changed(forced, files -> files.flip(FIRST, files.record(3) + HEADER + 1)));
        made.put(
                "payload-of-a-void-below-forced",
                changed(forced, files -> files.setType(files.record(4), 5).flip(FIRST, files.record(4) + HEADER + 1)));
        Map<String, byte[]> sealed = crashed(store -> {
            puts(store);
            store.put("d", new byte[700]);
            store.put("a", text("a 3"));
        });
        made.put("footer", changed(sealed, files -> files.flip(FIRST, files.length(FIRST) - 20)));
        made.put(
                "index-block-of-a-sealed-file",
                changed(sealed, files -> files.flip(FIRST, files.length(FIRST) - FOOTER - 5)));
        made.put(
                "index-block-and-tombstone-of-a-sealed-file",
                changed(
                        sealed,
                        files -> files.flip(FIRST, files.length(FIRST) - FOOTER - 5)
                                .flip(FIRST, files.record(2) + 9)));
        Map<String, byte[]> compacted = closed(store -> {
            puts(store);
            store.compact();
        });
        made.put("lineage", changed(compacted, files -> files.lose("CLEAN").flip(SECOND, files.lineage() + HEADER)));
        Map<String, byte[]> compressed = crashedCompressing(store -> store.put("a", new byte[700]));
        made.put("bytes-behind-a-frame", changed(compressed, Damaged::growFrame));
        Map<String, byte[]> expired = crashed(store -> {
            expiringPuts(store);
            store.force();
            store.put("d", text("d 1"));
        });
        made.put("expired", expired);
        made.put(
                "payload-of-an-expired-record-below-forced",
                changed(expired, files -> files.flip(FIRST, files.record(2) + HEADER + 8 + 1)));
        made.put(
                "moment-below-forced",
                changed(
                        expired,
                        files -> files.flip(FIRST, files.record(2) + HEADER).flip(FIRST, files.record(3) + HEADER)));
        made.put("expired-in-a-sealed-file", crashed(store -> {
            expiringPuts(store);
            store.put("d", new byte[600]);
            store.put("d", text("d 2"));
        }));
        return made;
    }

    private static void expiringPuts(BlobStore<String> store) throws IOException {
        store.put("a", text("a 1"));
        store.put("b", text("b 1"));
        store.put("a", text("a 2"), Expiry.at(Instant.ofEpochMilli(1)));
        store.put("b", text("b 2"), Expiry.at(Instant.parse("9999-12-31T23:59:59Z")));
        store.put("c", text("c 1"), Expiry.at(Instant.ofEpochMilli(-1)));
    }

    private static void puts(BlobStore<String> store) throws IOException {
        store.put("a", text("a 1"));
        store.put("b", text("b 1"));
        store.remove("b");
        store.put("a", text("a 2"));
        store.put("c", text("c 1"));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // ---- stores

    private static Map<String, byte[]> closed(Script script) throws IOException {
        return run(script, false, Compression.NONE);
    }

    private static Map<String, byte[]> crashed(Script script) throws IOException {
        return run(script, true, Compression.NONE);
    }

    private static Map<String, byte[]> crashedCompressing(Script script) throws IOException {
        return run(script, true, Compression.ZSTD);
    }

    private static Map<String, byte[]> run(Script script, boolean crash, Compression compression) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(
                new DiskImage(Map.of("STORE", IDENTITY.encodeFile().array())));
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> directory,
                HeapLocationIndexFactory.forgetting(),
                name -> new CrashWorkload.Immediate());
        BlobStore<String> store = StoreAccess.fileBytes(StoreAccess.environment(TestStores.onHeap(), environment), 1024)
                .compression(compression)
                .open(directory.path());
        script.run(store);
        if (crash) {
            StoreAccess.crash(store);
        } else {
            store.close();
        }
        Map<String, byte[]> files = new TreeMap<>(
                directory.deviceAfter(directory.changes()).afterKill().files());
        files.remove("RESERVE");
        files.remove("LOCK");
        return files;
    }

    private static Map<String, byte[]> changed(Map<String, byte[]> files, Change change) {
        Damaged changed = new Damaged(new TreeMap<>(files));
        change.apply(changed);
        return changed.content;
    }

    /** The files of a store, and what can happen to them. */
    private record Damaged(TreeMap<String, byte[]> content) {

        int length(String name) {
            return bytes(name).length;
        }

        /** Where a record of the first file begins, by its number from 0. */
        int record(int number) {
            return records(FIRST).get(number);
        }

        int lineage() {
            ByteBuffer file = buffer(SECOND);
            return records(SECOND).stream()
                    .filter(at -> file.get(at + 30) == 6)
                    .findFirst()
                    .orElseThrow();
        }

        Damaged lose(String name) {
            content.remove(name);
            return this;
        }

        Damaged put(String name, byte[] bytes) {
            content.put(name, bytes);
            return this;
        }

        Damaged rename(String from, String to) {
            return put(to, bytes(from)).lose(from);
        }

        Damaged cut(String name, int length) {
            return put(name, Arrays.copyOf(bytes(name), length));
        }

        Damaged flip(String name, int at) {
            byte[] bytes = bytes(name).clone();
            bytes[at] ^= 0x10;
            return put(name, bytes);
        }

        Damaged newerVersion() {
            ByteBuffer file = buffer(FIRST);
            file.putInt(8, 2).putInt(60, SpecifiedChecksums.of(file, 0, 60));
            return put(FIRST, array(file));
        }

        Damaged setSequence(int at, long sequence) {
            ByteBuffer file = buffer(FIRST);
            file.putLong(at + 8, sequence);
            return putSealed(file, at);
        }

        Damaged setType(int at, int type) {
            ByteBuffer file = buffer(FIRST);
            file.put(at + 30, (byte) type);
            return putSealed(file, at);
        }

        /** An empty frame behind the only one, which a decoder takes for a part of the content. */
        Damaged growFrame() {
            byte[] emptyFrame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x20, 0, 1, 0, 0};
            ByteBuffer file = buffer(FIRST);
            int at = record(0);
            int end = at + HEADER + 1 + file.getInt(at + 16);
            int table = end - 16;
            int stored = file.getInt(table) + emptyFrame.length;
            ByteBuffer grown = ByteBuffer.allocate(file.limit() + emptyFrame.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(file.slice(0, table))
                    .put(emptyFrame)
                    .put(file.slice(table, file.limit() - table));
            int newTable = table + emptyFrame.length;
            grown.putInt(newTable, stored);
            grown.putInt(newTable + 4, SpecifiedChecksums.of(grown, newTable - stored, newTable));
            grown.putInt(at + 16, file.getInt(at + 16) + emptyFrame.length);
            grown.putInt(at + 20, SpecifiedChecksums.of(grown, newTable, newTable + 16));
            return putSealed(grown, at);
        }

        private Damaged putSealed(ByteBuffer file, int at) {
            RecordHeader.Place place = new RecordHeader.Place(1, at, file.getInt(at + 4));
            file.putInt(at, SpecifiedChecksums.ofRecord(file, at, file.getShort(at + 28), place));
            return put(FIRST, array(file));
        }

        private List<Integer> records(String name) {
            ByteBuffer file = buffer(name);
            List<Integer> found = new ArrayList<>();
            for (int at = 64; at < file.limit(); at = end(file, at)) {
                found.add(at);
            }
            return found;
        }

        private static int end(ByteBuffer file, int at) {
            return at + SpecifiedChecksums.headerBytes(file, at) + file.getShort(at + 28) + file.getInt(at + 16);
        }

        private byte[] bytes(String name) {
            return content.get(name);
        }

        private ByteBuffer buffer(String name) {
            return ByteBuffer.wrap(bytes(name).clone()).order(ByteOrder.LITTLE_ENDIAN);
        }

        private static byte[] array(ByteBuffer file) {
            byte[] bytes = new byte[file.limit()];
            file.get(0, bytes);
            return bytes;
        }
    }

    /** A verdict as it stands beside its fixture. */
    static String verdict(SpecComparison found) {
        StringBuilder text = new StringBuilder();
        if (!found.refused().isEmpty()) {
            return "refused: " + found.refused() + "\n";
        }
        found.damage().forEach(place -> text.append("damage: ").append(place).append('\n'));
        text.append("torn: ").append(found.tornBytes()).append('\n');
        found.answers()
                .forEach((key, answer) -> text.append(key)
                        .append(": ")
                        .append(answer.length() > 40 ? answer.length() - 2 + " bytes" : answer)
                        .append('\n'));
        return text.toString();
    }

    /** Writes the fixtures and the verdicts of the reader by the page, to be read by a person before they are committed. */
    public static void main(String[] args) throws IOException {
        for (Map.Entry<String, Map<String, byte[]>> fixture : make().entrySet()) {
            Path directory = Files.createDirectories(FIXTURES.resolve(fixture.getKey()));
            for (Map.Entry<String, byte[]> file : fixture.getValue().entrySet()) {
                Files.write(directory.resolve(file.getKey()), file.getValue());
            }
            SpecComparison found = SpecComparison.bySpecification(fixture.getValue(), new java.util.TreeSet<>(KEYS));
            Files.writeString(FIXTURES.resolve(fixture.getKey() + ".txt"), verdict(found));
        }
    }
}
