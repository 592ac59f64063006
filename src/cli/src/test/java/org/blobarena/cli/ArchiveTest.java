package org.blobarena.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.blobarena.cli.text.RawText;
import org.blobarena.cli.transfer.SourceStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.netpreserve.jwarc.HttpResponse;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResource;
import org.netpreserve.jwarc.WarcResponse;
import org.netpreserve.jwarc.WarcWriter;

/** Archives that are imported and exported, of whatever names and origin. */
class ArchiveTest extends TreeFixture {

    private static final List<String> PLAIN =
            List.of("A", "a b/ü/日本", "a-b", "a\nb", "deep/" + "x".repeat(200) + "/y", "-rf");

    /** Keys that no file has. */
    private static final List<String> ODD =
            List.of("", "..", "/", "a//b", "https://example.org/?q=<ü>", "\udcfe", "\udcff", "\0", "x".repeat(60_000));

    @ParameterizedTest
    @ValueSource(strings = {"x.tar", "x.tar.gz", "x.tgz", "x.zip"})
    void exportedArchiveIsImportedAgainWithEveryName(String name) throws IOException {
        putAll(PLAIN);
        Path archive = temp.resolve(name);

        Cli.Result exported = Cli.on(store, "export", archive.toString());
        Cli.Result imported = Cli.on(out, "import", archive.toString());

        assertDone(exported, "exported " + PLAIN.size() + " files, ");
        assertDone(imported, "imported " + PLAIN.size() + " files, ");
        assertThat(blobs(out)).isEqualTo(blobs(store));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip", "warc", "warc.gz"})
    void standardStreamsCarryEveryKeyWhenEscaped(String format) throws IOException {
        putAll(PLAIN);
        putAll(ODD);

        Cli.Result exported = Cli.on(store, "export", "--escape", "--format", format, "-");
        Cli.Result imported = Cli.on(out, exported.bytes().array(), "import", "--unescape", "--format", format, "-");

        assertThat(exported.err()).isEmpty();
        assertThat(exported.status()).isZero();
        assertDone(imported, "imported " + (PLAIN.size() + ODD.size()) + " files, ");
        assertThat(blobs(out)).isEqualTo(blobs(store));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.tar", "x.zip"})
    void keysThatAreNoNamesInAnArchiveAreNamedAndTheOthersExported(String name) throws IOException {
        putAll(List.of(
                "", "../up", "/abs", "a", "a/b", "a/c/d", "a-b", "a.b", "b/c", "d/", "e/.blobarena-1.part", "\udcff"));
        Path archive = temp.resolve(name);

        Cli.Result result = Cli.on(store, "export", archive.toString());

        assertThat(result.errLines().stream()
                        .map(line -> line.replaceFirst("blobarena: key \"([^\"]*)\" is not exported: .+", "$1")))
                .containsExactly("", "../up", "/abs", "a/b", "a/c/d", "d/", "e/.blobarena-1.part", "\\xff");
        assertThat(result.out()).startsWith("exported 4 files, ").endsWith("; 8 keys not exported\n");
        assertThat(result.status()).isEqualTo(3);
        assertDone(Cli.on(out, "import", archive.toString()), "imported 4 files, ");
        assertThat(blobs(out)).containsOnlyKeys("a", "a-b", "a.b", "b/c");
    }

    @Test
    void exportOfTheSameBlobsIsTheSameArchive() throws IOException {
        putAll(PLAIN);
        for (String format : List.of("tar", "tar.gz", "zip")) {
            Cli.Result first = Cli.on(store, "export", "--format", format, "-");
            Cli.Result second = Cli.on(store, "export", "--format", format, "-");
            assertThat(first.bytes()).isEqualTo(second.bytes());
        }
    }

    @Test
    void blobThatIsDamagedIsNotInTheArchiveAndTheOthersAre() throws IOException {
        for (int size : new int[] {100, 3_000_000}) {
            Path damaged = temp.resolve("damaged-" + size);
            Cli.on(damaged, "1".getBytes(StandardCharsets.UTF_8), "put", "http:a");
            Cli.on(damaged, ("blob of b" + "x".repeat(size)).getBytes(StandardCharsets.UTF_8), "put", "http:b");
            Cli.on(damaged, "3".getBytes(StandardCharsets.UTF_8), "put", "http:c");
            Path arena = damaged.resolve("00000001.arena");
            byte[] bytes = Files.readAllBytes(arena);
            bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("blob of b") + size - 10] ^= 1;
            Files.write(arena, bytes);
            for (String format : List.of("tar", "zip", "warc")) {
                Cli.Result result = Cli.on(damaged, "export", "--format", format, "-");

                assertThat(result.status()).isEqualTo(3);
                assertThat(result.errLines()).singleElement().asString().contains("\"http:b\"", "00000001.arena");
                Path copy = temp.resolve(size + format);
                assertDone(
                        Cli.on(copy, result.bytes().array(), "import", "--format", format, "-"),
                        "imported 2 files, 2 b");
                assertThat(blobs(copy)).containsOnlyKeys("http:a", "http:c");
            }
        }
    }

    @Test
    void namesOfTarFollowTheRulesOfTrees() throws IOException {
        byte[] tar = tar("UTF-8", entries -> {
            entries.add("./a", "1");
            entries.add("b/", "");
            entries.add("b/c", "2");
            entries.add("../up", "x");
            entries.add("d/../e", "x");
            entries.add("d/./e", "x");
            entries.add("d//e", "x");
            entries.add("/abs", "x");
            entries.add(".blobarena-1.part", "x");
            entries.link("link", "b/c", TarConstants.LF_SYMLINK);
            entries.link("hard", "./b/c", TarConstants.LF_LINK);
            entries.link("lost", "nosuch", TarConstants.LF_LINK);
            entries.link("pipe", "", TarConstants.LF_FIFO);
            entries.add("a", "the last");
        });

        Cli.Result result = Cli.on(store, tar, "import", "--format", "tar", "-");

        assertThat(result.errLines())
                .containsExactly(
                        "blobarena: standard input: ../up: is not imported: it has .. as a part",
                        "blobarena: standard input: d/../e: is not imported: it has .. as a part",
                        "blobarena: standard input: d/./e: is not imported: it has . as a part",
                        "blobarena: standard input: d//e: is not imported: it is empty, begins or ends with /, or has // inside",
                        "blobarena: standard input: /abs: is not imported: it is empty, begins or ends with /, or has // inside",
                        "blobarena: standard input: lost: is not imported: is a link to nosuch, which is not there before it");
        assertThat(result.out()).startsWith("imported 4 files, ").endsWith("; 6 files not imported\n");
        assertThat(result.status()).isEqualTo(3);
        assertThat(blobs(store)).isEqualTo(Map.of("a", "the last", "b/c", "2", "hard", "2"));
    }

    @Test
    void bytesOfNamesInTarAreUtf8OrRefused() throws IOException {
        byte[] latin = tar("ISO-8859-1", entries -> {
            entries.add("bad-\u00e4", "x");
            entries.add(new String("ok-ä日".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1), "1");
            entries.add("after", "2");
        });
        byte[] extended = tar("UTF-8", entries -> {
            entries.out.setAddPaxHeadersForNonAsciiNames(true);
            entries.add("pax-ä", "3");
            entries.add("pax-日", "4");
            entries.add("pax-" + "ä".repeat(300), "5");
        });

        Cli.Result first = Cli.on(store, latin, "import", "--format", "tar", "-");
        Cli.Result second = Cli.on(store, extended, "import", "--format", "tar", "-");

        assertThat(first.errLines())
                .containsExactly("blobarena: standard input: bad-\\xe4: is not imported: it is not UTF-8");
        assertDone(second, "imported 3 files, ");
        assertThat(blobs(store))
                .isEqualTo(
                        Map.of("ok-ä日", "1", "after", "2", "pax-ä", "3", "pax-日", "4", "pax-" + "ä".repeat(300), "5"));
    }

    @Test
    void namesOfZipFollowTheRulesOfTrees() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
            zip.setUseLanguageEncodingFlag(false);
            zip.setEncoding("ISO-8859-1");
            for (String name : List.of("a", "b/", "b/c", "../up", "/abs", "bad-\u00e4", "a")) {
                ZipArchiveEntry entry = new ZipArchiveEntry(name);
                zip.putArchiveEntry(entry);
                zip.write(("of " + name).getBytes(StandardCharsets.UTF_8));
                zip.closeArchiveEntry();
            }
        }

        Cli.Result result = Cli.on(store, bytes.toByteArray(), "import", "--format", "zip", "-");

        assertThat(result.errLines())
                .containsExactly(
                        "blobarena: standard input: ../up: is not imported: it has .. as a part",
                        "blobarena: standard input: /abs: is not imported: it is empty, begins or ends with /, or has // inside",
                        "blobarena: standard input: bad-\\xe4: is not imported: it is not UTF-8");
        assertThat(blobs(store)).isEqualTo(Map.of("a", "of a", "b/c", "of b/c"));
    }

    @Test
    void zipIsReadByTheJdk() throws IOException {
        putAll(PLAIN);

        Cli.Result result = Cli.on(store, "export", "--format", "zip", "-");

        Map<String, String> found = new LinkedHashMap<>();
        try (ZipInputStream zip =
                new ZipInputStream(new ByteArrayInputStream(result.bytes().array()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                found.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(found).isEqualTo(blobs(store));
    }

    @Test
    void emptyStoreMakesArchivesThatAreImported() throws IOException {
        Cli.on(store, new byte[1], "put", "k");
        Cli.on(store, "rm", "k");
        for (String format : List.of("tar", "tar.gz", "zip", "warc", "warc.gz")) {
            Cli.Result exported = Cli.on(store, "export", "--format", format, "-");
            assertThat(exported.status()).isZero();
            assertDone(
                    Cli.on(out, exported.bytes().array(), "import", "--format", format, "-"),
                    "imported 0 files, 0 bytes");
        }
    }

    @Test
    void responsesAndResourcesOfWarcAreImportedByTheirUris() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (WarcWriter warc = new WarcWriter(bytes)) {
            HttpResponse http = new HttpResponse.Builder(200, "OK")
                    .body(MediaType.HTML, "the page".getBytes(StandardCharsets.UTF_8))
                    .build();
            warc.write(new WarcResponse.Builder("http://example.org/a?b=1")
                    .body(http)
                    .build());
            byte[] chunked =
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nin p\r\n6\r\nieces.\r\n0\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8);
            warc.write(new WarcResponse.Builder("http://example.org/chunks")
                    .body(MediaType.HTTP_RESPONSE, chunked)
                    .build());
            warc.write(new WarcResource.Builder(java.net.URI.create("urn:resource"))
                    .body(MediaType.PLAIN_TEXT, "plain".getBytes(StandardCharsets.UTF_8))
                    .build());
        }

        assertDone(Cli.on(store, bytes.toByteArray(), "import", "--format", "warc", "-"), "imported 3 files, ");

        assertThat(blobs(store))
                .isEqualTo(Map.of(
                        "http://example.org/a?b=1",
                        "the page",
                        "http://example.org/chunks",
                        "in pieces.",
                        "urn:resource",
                        "plain"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.warc", "x.warc.gz"})
    void exportedWarcIsReadByItsLibraryAndImportedAgain(String name) throws IOException {
        putAll(List.of("https://example.org/", "urn:x", "no uri", "ü:x", "a b:c"));
        Path archive = temp.resolve(name);

        Cli.Result result = Cli.on(store, "export", archive.toString());

        assertThat(result.errLines())
                .hasSize(3)
                .allMatch(line ->
                        line.endsWith("is no absolute URI of ASCII characters, as a WARC has; --escape exports it"));
        Map<String, String> found = new LinkedHashMap<>();
        try (WarcReader reader = new WarcReader(archive)) {
            reader.calculateBlockDigest();
            for (WarcRecord record : reader) {
                if (record instanceof WarcResource resource) {
                    found.put(
                            resource.target(),
                            new String(record.body().stream().readAllBytes(), StandardCharsets.UTF_8));
                    assertThat(record.calculatedBlockDigest())
                            .isEqualTo(record.blockDigest())
                            .isPresent();
                }
            }
        }
        assertThat(found).containsOnlyKeys("https://example.org/", "urn:x");
        assertDone(Cli.on(out, "import", archive.toString()), "imported 2 files, ");
        assertThat(blobs(out)).isEqualTo(found);
    }

    @Test
    void gzipInSeveralPiecesIsOneArchive() throws IOException {
        byte[] tar = tar("UTF-8", entries -> entries.add("a", "x".repeat(2000)));
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        for (int from = 0; from < tar.length; from += 1000) {
            try (OutputStream gzip = new GZIPOutputStream(pieces)) {
                gzip.write(tar, from, Math.min(1000, tar.length - from));
            }
        }

        Cli.Result result = Cli.on(store, pieces.toByteArray(), "import", "--format", "tar", "-");

        assertDone(result, "imported 1 files, 2000 bytes");
    }

    @Test
    void sizesThatNoBlobHasAreRefusedBeforeAByteIsRead() throws IOException {
        byte[] tar = tar("UTF-8", entries -> {
            entries.add("a", "1");
            TarArchiveEntry bomb = new TarArchiveEntry("bomb");
            bomb.setSize(SourceStream.BLOB_BYTES_MAX + 1);
            entries.out.putArchiveEntry(bomb);
            entries.out.flush();
        });

        Cli.Result result = Cli.on(store, tar, "import", "--format", "tar", "-");

        assertThat(result.errLines()).hasSize(2);
        assertThat(result.errLines().get(0)).endsWith("is too large: a blob has at most 4293918719 bytes");
        assertThat(result.errLines().get(1)).contains("standard input: is cut off, damaged or of another kind: ");
        assertThat(result.status()).isEqualTo(3);
        assertThat(keys()).containsExactly("a");
    }

    @Test
    void terminalsAreNoPlaceForArchives() throws IOException {
        putAll(List.of("a"));
        Cli.Result exported =
                Cli.run(Map.of(), new byte[0], true, "--store", store.toString(), "export", "--format", "tar", "-");
        Cli.Result imported =
                Cli.run(Map.of(), new byte[0], true, "--store", out.toString(), "import", "--format", "tar", "-");

        assertThat(exported.status()).isEqualTo(2);
        assertThat(exported.errLines()).singleElement().asString().contains("standard output is a terminal");
        assertThat(exported.out()).isEmpty();
        assertThat(imported.status()).isEqualTo(2);
        assertThat(imported.errLines()).singleElement().asString().contains("standard input is a terminal");
        assertThat(out).doesNotExist();
    }

    @Test
    void formatIsSaidByNameOrOptionOrNotAtAll() throws IOException {
        putAll(List.of("a"));
        Path odd = temp.resolve("odd.bin");

        assertThat(Cli.on(store, "export", "-").status()).isEqualTo(2);
        assertThat(Cli.on(store, "export", "--format", "rar", "-").status()).isEqualTo(2);
        assertDone(Cli.on(store, "export", "--format", "ZIP", odd.toString()), "exported 1 files");
        Cli.Result unknown = Cli.on(out, "import", odd.toString());
        assertThat(unknown.status()).isEqualTo(3);
        assertThat(unknown.errLines()).singleElement().asString().contains("give --format");
        assertThat(out).doesNotExist();
        assertDone(Cli.on(out, "import", "--format", "zip", odd.toString()), "imported 1 files");
        assertThat(Cli.on(out, "import", "--format", "zip", temp.toString()).status())
                .isEqualTo(3);
        assertThat(Cli.on(out, "import", temp.resolve("none.tar").toString()).errLines())
                .containsExactly("blobarena: " + temp.resolve("none.tar") + ": no such file or directory");
    }

    @Test
    void exportThatFailsLeavesTheOldArchive() throws IOException {
        putAll(List.of("a", "../b"));
        Path archive = Files.writeString(temp.resolve("x.tar"), "old");

        assertThat(Cli.on(store, "export", "--fail-fast", archive.toString()).status())
                .isEqualTo(3);
        assertThat(archive).hasContent("old");
        assertThat(temp).isDirectoryNotContaining("glob:**.part");
        assertThat(Cli.on(store, "export", store.resolve("x.tar").toString()).status())
                .isEqualTo(2);
    }

    @Test
    void storeOfTheSameContentOnceTakesAndGivesArchives() throws IOException {
        byte[] tar = tar("UTF-8", entries -> {
            entries.add("a", "same");
            entries.add("b", "same");
        });

        Cli.Result imported = Cli.on(store, tar, "import", "--dedup", "--format", "tar", "-");
        Cli.Result exported = Cli.on(store, "export", "--format", "tar", "-");

        assertThat(imported.out()).contains("1 contents have 2 names");
        assertDone(
                Cli.on(out, exported.bytes().array(), "import", "--format", "tar", "-"), "imported 2 files, 8 bytes");
    }

    @Test
    void archiveEndsAtMemberThatIsEncrypted() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("secret"));
            zip.write(1);
            zip.closeEntry();
        }
        byte[] zip = bytes.toByteArray();
        zip[6] |= 1;

        Cli.Result result = Cli.on(store, zip, "import", "--format", "zip", "-");

        assertThat(result.errLines()).singleElement().asString().contains("secret is encrypted");
        assertThat(result.status()).isEqualTo(3);
    }

    @Test
    void symbolicLinkInZipIsReadAsAFile() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
            ZipArchiveEntry link = new ZipArchiveEntry("link");
            link.setUnixMode(UnixStat.LINK_FLAG | 0777);
            zip.putArchiveEntry(link);
            zip.write("target".getBytes(StandardCharsets.UTF_8));
            zip.closeArchiveEntry();
        }

        assertDone(Cli.on(store, bytes.toByteArray(), "import", "--format", "zip", "-"), "imported 1 files");
        assertThat(blobs(store)).isEqualTo(Map.of("link", "target"));
    }

    @Test
    void compressedTarIsOneThatGzipReads() throws IOException {
        putAll(List.of("a"));

        Cli.Result result = Cli.on(store, "export", "--format", "tar.gz", "-");

        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GZIPInputStream(new ByteArrayInputStream(result.bytes().array())))) {
            assertThat(tar.getNextEntry().getName()).isEqualTo("a");
        }
    }

    private interface Entries {
        void addTo(TarEntries entries) throws IOException;
    }

    /** A tar as others may have written it. */
    static final class TarEntries {

        private final TarArchiveOutputStream out;

        private TarEntries(TarArchiveOutputStream out) {
            this.out = out;
        }

        void add(String name, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            entry.setSize(bytes.length);
            out.putArchiveEntry(entry);
            out.write(bytes);
            out.closeArchiveEntry();
        }

        void link(String name, String target, byte type) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name, type);
            entry.setLinkName(target);
            out.putArchiveEntry(entry);
            out.closeArchiveEntry();
        }
    }

    private static byte[] tar(String encoding, Entries entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, encoding);
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
        entries.addTo(new TarEntries(out));
        try {
            out.close();
        } catch (IOException e) {
            // One entry is left without its end on purpose.
        }
        return bytes.toByteArray();
    }

    private void putAll(List<String> keys) throws IOException {
        try (BlobStore<byte[]> open = BlobStore.open(store, KeyCodec.bytes())) {
            for (String key : keys) {
                String blob =
                        key.length() > 100 ? "long " + key.length() : "of " + RawText.hasEscapes(key) + key.length();
                open.put(RawText.encode(key), ByteBuffer.wrap(blob.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private static Map<String, String> blobs(Path store) throws IOException {
        try (BlobStore<byte[]> open = BlobStore.open(store, KeyCodec.bytes())) {
            Map<String, String> blobs = new LinkedHashMap<>();
            List<byte[]> keys = new ArrayList<>();
            try (var stream = open.keys()) {
                stream.forEach(keys::add);
            }
            for (byte[] key : keys) {
                blobs.put(RawText.decode(key), new String(open.get(key), StandardCharsets.UTF_8));
            }
            return blobs;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void assertDone(Cli.Result result, String start) {
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith(start);
        assertThat(result.status()).isZero();
    }
}
