package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.blobarena.cli.archive.ArchiveSource;
import org.blobarena.cli.archive.Format;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.transfer.BlobSource;
import org.blobarena.cli.transfer.Names;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.cli.transfer.StoreBlobs;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that are cut off or changed anywhere. */
class ArchiveDamageTest {

    private static final int BLOBS = 3;
    private static final int BLOB_BYTES = 40;

    private final Map<String, String> blobs = new TreeMap<>();

    @TempDir
    Path temp;

    private Path store;
    private BlobStore<Key> empty;

    @BeforeEach
    void makeStore() throws IOException {
        store = temp.resolve("store");
        empty = BlobStore.open(temp.resolve("empty"), Key.CODEC);
        Random random = new Random(1);
        try (BlobStore<String> open = BlobStore.open(store, KeyCodec.utf8())) {
            for (int i = 0; i < BLOBS; i++) {
                byte[] blob = new byte[BLOB_BYTES];
                random.nextBytes(blob);
                blobs.put("urn:" + i, HexFormat.of().formatHex(blob));
                open.put("urn:" + i, blob);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip", "warc", "warc.gz"})
    void whatStandsBeforeACutIsReadAndTheCutIsFound(String format) {
        byte[] archive = archive(format);
        // The blocks behind the mark at the end of a tar say nothing.
        int end = format.equals("tar") ? lastByteThatIsNotZero(archive) / 512 * 512 + 1024 : archive.length;
        int complete = 0;
        for (int length = 0; length < end; length++) {
            Imported found = read(format, Arrays.copyOf(archive, length));

            assertThat(blobs).as("cut at %d", length).containsAllEntriesOf(found.blobs);
            assertThat(found.blobs.size()).as("cut at %d", length).isGreaterThanOrEqualTo(complete);
            complete = found.blobs.size();
            // Between two records of a WARC nothing tells.
            assertThat(found.failure)
                    .as("cut at %d", length)
                    .matches((format.startsWith("warc") ? "|" : "")
                            + "an archive: is cut off, damaged or of another kind: .+");
        }
        assertThat(read(format, archive)).isEqualTo(new Imported(blobs, List.of(), ""));
        assertThat(complete).isGreaterThanOrEqualTo(BLOBS - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip", "warc", "warc.gz"})
    void noBlobIsReadWrongOfAnArchiveWithAWrongBit(String format) {
        byte[] archive = archive(format);
        for (int bit = 0; bit < 8 * archive.length; bit++) {
            byte[] changed = archive.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);

            Imported found = read(format, changed);

            assertThat(found.failure).doesNotContain("Exception", "Error");
            // If the bit is one of a name, a blob comes under another.
            assertThat(blobs.values()).as("bit %d", bit).containsAll(found.blobs.values());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip", "warc", "warc.gz"})
    void noBytesWhateverTheyAreBreakTheReader(String format) {
        byte[] archive = archive(format);
        Random random = new Random(3);
        for (int round = 0; round < 5000; round++) {
            byte[] changed = archive.clone();
            int from = random.nextInt(archive.length);
            byte[] noise = new byte[Math.min(archive.length - from, 1 + random.nextInt(12))];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, changed, from, noise.length);

            Imported found = read(format, changed);

            assertThat(found.failure).as("bytes from %d", from).doesNotContain("Exception", "Error");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip", "warc", "warc.gz"})
    void whatIsNoArchiveIsRefusedByOneLine(String format) {
        for (String text : List.of("", "x", "no archive at all", "no archive at all ".repeat(100))) {
            Cli.Result result = Cli.on(
                    temp.resolve("none"), text.getBytes(StandardCharsets.UTF_8), "import", "--format", format, "-");

            assertThat(result.errLines())
                    .as(text)
                    .singleElement()
                    .asString()
                    .startsWith("blobarena: standard input: is cut off, damaged or of another kind: ");
            assertThat(result.status()).isEqualTo(3);
        }
    }

    @Test
    void whatStandsBeforeACutIsImported() {
        byte[] archive = archive("tar");

        Cli.Result result =
                Cli.on(temp.resolve("cut"), Arrays.copyOf(archive, 1024 + 530), "import", "--format", "tar", "-");

        assertThat(result.err())
                .isEqualTo(
                        "blobarena: standard input: is cut off, damaged or of another kind: Truncated TAR archive\n");
        assertThat(result.status()).isEqualTo(3);
        assertThat(Cli.on(temp.resolve("cut"), "ls").lines()).containsExactly("urn:0");
    }

    @AfterEach
    void closeEmpty() throws IOException {
        empty.close();
    }

    private byte[] archive(String format) {
        Cli.Result result = Cli.on(store, "export", "--format", format, "-");
        assertThat(result.status()).isZero();
        return result.bytes().array();
    }

    /**
     * What an import of an archive would have stored, and how it would have ended.
     *
     * @param failure why it ended before the archive did, or empty
     */
    private record Imported(Map<String, String> blobs, List<String> problems, String failure) {}

    private Imported read(String format, byte[] archive) {
        Map<String, String> read = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        BlobSource.Visitor visitor = new BlobSource.Visitor() {
            @Override
            public void blob(BlobSource.Item item) throws IOException {
                try (SourceStream content = item.open(new StoreBlobs(empty))) {
                    read.put(item.key().toString(), HexFormat.of().formatHex(content.readAllBytes()));
                } catch (SourceStream.Failure e) {
                    problem(item.shown(), e.reason());
                }
            }

            @Override
            public void problem(String shown, IOException problem) {
                problems.add(shown + Failures.reason(problem));
            }
        };
        Format known = new Format.Converter().convert(format);
        try (ArchiveSource source =
                new ArchiveSource("an archive", new ByteArrayInputStream(archive), 0, known, new Names(false))) {
            source.forEach(visitor);
            return new Imported(read, problems, "");
        } catch (IOException e) {
            return new Imported(read, problems, Failures.describe(e));
        }
    }

    private static int lastByteThatIsNotZero(byte[] bytes) {
        int last = bytes.length - 1;
        while (bytes[last] == 0) {
            last--;
        }
        return last;
    }
}
