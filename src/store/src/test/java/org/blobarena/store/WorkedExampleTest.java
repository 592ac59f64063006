package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.Hashing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.KeyHash;
import org.blobarena.spec.SpecExample;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.crypt.KeySource;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.testing.UsualIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples at the end of store-format.md are what the library writes, and the values there what it computes. */
class WorkedExampleTest {

    private static final Pattern LINE = Pattern.compile(
            "([0-9a-f]{4,}) {2}(?:((?:[0-9a-f]{2} )*[0-9a-f]{2})|\\(([\\d,]+) × ([0-9a-f]{2})\\))(?: .*)?");
    private static final Pattern ROW =
            Pattern.compile("\\|([^|]*)\\|([^|]*)\\|(?:([^|]*)\\|)?(?:([^|]*)\\|([^|]*)\\|)?");
    private static final Pattern REPEATED = Pattern.compile("x × (\\d+)");
    private static final int LARGE_BYTES = 65_537;

    @TempDir
    Path directory;

    private final String specification;

    WorkedExampleTest() throws IOException {
        specification = Files.readString(Path.of("store-format.md"));
    }

    @Test
    void filesOfAStoreThatGoesOnAreWhatIsWritten() throws IOException {
        try (BlobStore<String> store = open(BlobStore.builder(KeyCodec.utf8()))) {
            store.put("key", "blob".getBytes(StandardCharsets.US_ASCII));
            store.remove("key");
        }

        check("00000001.arena", "An arena file that goes on");
        check("STORE", "`STORE` of that store");
        UsualIndex.assumeChronicleMap(); // Whose file is named in the next, and another's at random.
        check("CLEAN", "`CLEAN` of that store");
    }

    @Test
    void fileThatCompactionWroteIsWhatIsWritten() throws IOException {
        try (BlobStore<String> store = open(BlobStore.builder(KeyCodec.utf8()))) {
            store.put("key", "blob".getBytes(StandardCharsets.US_ASCII));
            store.put("key", "new".getBytes(StandardCharsets.US_ASCII));
            store.compact();
        }

        check("00000002.arena", "A file that compaction wrote");
    }

    @Test
    void recordWithABlockTableIsWhatIsWritten() throws IOException {
        try (BlobStore<String> store = open(BlobStore.builder(KeyCodec.utf8()))) {
            store.put("key", repeated(LARGE_BYTES, (byte) 'b'));
        }

        check("00000001.arena", "A record with a block table");
    }

    @Test
    void compressedRecordIsWhatIsWritten() throws IOException {
        try (BlobStore<String> store = open(BlobStore.builder(KeyCodec.utf8()).compression(Compression.ZSTD))) {
            store.put("key", repeated(100, (byte) 'b'));
        }

        check("00000001.arena", "A compressed record");
    }

    @Test
    void recordThatExpiresIsWhatIsWritten() throws IOException {
        Instant moment = Instant.parse("2100-01-01T00:00:00Z");
        try (BlobStore<String> store = open(BlobStore.builder(KeyCodec.utf8()))) {
            store.put("key", "blob".getBytes(StandardCharsets.US_ASCII), Expiry.at(moment));
        }

        check("00000001.arena", "A record that expires");
        try (BlobStore<String> before = open(BlobStore.builder(KeyCodec.utf8()).clock(() -> moment.minusMillis(1)))) {
            assertThat(before.get("key")).isNotNull();
        }
        try (BlobStore<String> then = open(BlobStore.builder(KeyCodec.utf8()).clock(() -> moment))) {
            assertThat(then.get("key")).isNull();
        }
    }

    /** Its bytes are random, so it is read, and what is derived is compared. */
    @Test
    void encryptedStoreIsWhatIsRead() throws IOException {
        byte[] key = new byte[32];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        String section = section("An encrypted store");
        String[] blocks = section.split("```", -1);
        String[] names = {"STORE", "KEYS", "00000001.arena"};
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < names.length; i++) {
            files.put(names[i], bytes(blocks[2 * i + 1]));
            Files.write(directory.resolve(names[i]), files.get(names[i]));
        }
        try (BlobStore<String> store = BlobStore.builder(KeyCodec.utf8())
                .automaticCompaction(false)
                .keySource(KeySource.of(1, key))
                .open(directory)) {
            assertThat(store.get("key")).isEqualTo("blob".getBytes(StandardCharsets.US_ASCII));
            assertThat(store.verify().isIntact()).isTrue();
        }
        Map<String, String> derived = SpecExample.derived(files, key);
        for (String line : blocks[blocks.length - 1].lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && derived.containsKey(row.group(1).strip())) {
                assertThat(derived.remove(row.group(1).strip()))
                        .as(line)
                        .isEqualTo(row.group(2).strip());
            }
        }
        assertThat(derived).isEmpty();
    }

    private static byte[] bytes(String dump) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String line : dump.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                assertThat(Integer.parseInt(matcher.group(1), 16)).as(line).isEqualTo(bytes.size());
                bytes.writeBytes(
                        matcher.group(2) == null
                                ? repeated(Integer.parseInt(matcher.group(3).replace(",", "")), (byte)
                                        Integer.parseInt(matcher.group(4), 16))
                                : HexFormat.ofDelimiter(" ").parseHex(matcher.group(2)));
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void valuesForChecksumsHashesAndSaltsAreWhatIsComputed() {
        int rows = 0;
        for (String line :
                section("Values for checksums, hashes and salts").lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && !line.startsWith("|--") && line.matches(".*[0-9a-f]{8} \\|.*")) {
                checkValues(row);
                rows++;
            }
        }
        assertThat(rows).isEqualTo(14);
    }

    private static void checkValues(Matcher row) {
        String first = row.group(1).strip();
        String second = row.group(2).strip();
        if (row.group(3) == null) {
            CRC32C checksum = new CRC32C();
            checksum.update(text(first));
            assertThat(HexFormat.of().toHexDigits((int) checksum.getValue()))
                    .as(first)
                    .isEqualTo(second);
        } else if (row.group(4) == null) {
            KeyHasher hasher = hasher(first);
            assertThat(HexFormat.of().toHexDigits(hasher.salt(Long.parseLong(second))))
                    .as("%s of file %s", first, second)
                    .isEqualTo(row.group(3).strip());
        } else {
            long seed = Long.parseUnsignedLong(second, 16);
            KeyHash hash = hasher(second).hash(text(first));
            assertThat(HexFormat.of().toHexDigits(Hashing.xxh3_64(seed).hashBytesToLong(text(first))))
                    .as(first)
                    .isEqualTo(row.group(3).strip());
            assertThat(HexFormat.of().toHexDigits(hash.high()))
                    .as(first)
                    .isEqualTo(row.group(4).strip());
            assertThat(HexFormat.of().toHexDigits(hash.low()))
                    .as(first)
                    .isEqualTo(row.group(5).strip());
        }
    }

    private static KeyHasher hasher(String seed) {
        return new KeyHasher(new StoreIdentity(new UUID(1, 2), Long.parseUnsignedLong(seed, 16)));
    }

    private static byte[] text(String written) {
        String text = written.replace("`", "");
        Matcher repeated = REPEATED.matcher(text);
        return repeated.matches()
                ? repeated(Integer.parseInt(repeated.group(1)), (byte) 'x')
                : text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] repeated(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }

    private BlobStore<String> open(BlobStoreBuilder<String> builder) throws IOException {
        StoreIdentity identity = new StoreIdentity(new UUID(0x0011223344556677L, 0x8899aabbccddeeffL), 42);
        Files.write(directory.resolve("STORE"), identity.encodeFile().array());
        return builder.automaticCompaction(false).open(directory);
    }

    /** An example has a file from its beginning to its end, or the file's first record. */
    private void check(String name, String heading) throws IOException {
        byte[] written = Files.readAllBytes(directory.resolve(name));
        ByteArrayOutputStream example = new ByteArrayOutputStream();
        int from = -1;
        for (String line : section(heading).lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                int offset = Integer.parseInt(matcher.group(1), 16);
                from = from < 0 ? offset : from;
                assertThat(offset).as(line).isEqualTo(from + example.size());
                example.writeBytes(
                        matcher.group(2) == null
                                ? repeated(Integer.parseInt(matcher.group(3).replace(",", "")), (byte)
                                        Integer.parseInt(matcher.group(4), 16))
                                : HexFormat.ofDelimiter(" ").parseHex(matcher.group(2)));
            }
        }
        assertThat(from).as("%s begins", heading).isIn(0, 64);
        int to = from == 0 ? written.length : from + example.size();
        assertThat(HexFormat.of().formatHex(written, from, to))
                .as(heading)
                .isEqualTo(HexFormat.of().formatHex(example.toByteArray()));
    }

    private String section(String heading) {
        int start = specification.indexOf("\n### " + heading + "\n");
        assertThat(start).as(heading).isPositive();
        int end = specification.indexOf("\n##", start + 4);
        return specification.substring(start, end);
    }
}
