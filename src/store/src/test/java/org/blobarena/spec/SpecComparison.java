package org.blobarena.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.ForeignFileException;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.UnsupportedFormatException;
import org.blobarena.store.crash.CrashWorkload;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.testing.TestKeys;
import org.blobarena.store.testing.TestStores;
import org.jspecify.annotations.Nullable;

/**
 * What is found in a directory whose index is lost, by the library and by a reader that was written after store-format.md
 * alone.
 *
 * @param refused the file for which the store is not opened, empty if it is
 * @param damage names of files and offsets of what is reported
 * @param tornBytes of unfinished writes
 * @param size keys, those whose blob has expired too
 * @param answers what each key that was asked for has: text of its blob, "absent" or "damaged"
 */
public record SpecComparison(
        String refused, Set<String> damage, long tornBytes, long size, Map<String, String> answers) {

    private static SpecComparison refused(String file) {
        return new SpecComparison(file, Set.of(), 0, 0, Map.of());
    }

    /** By the page. */
    public static SpecComparison bySpecification(Map<String, byte[]> files, Set<String> keys) {
        try {
            SpecReader reader = new SpecReader(files, System.currentTimeMillis(), TestKeys.BY_ID);
            Map<String, String> answers = new TreeMap<>();
            for (String key : keys) {
                SpecReader.Answer answer = reader.get(key.getBytes(StandardCharsets.UTF_8));
                answers.put(
                        key,
                        answer instanceof SpecReader.Blob blob
                                ? text(blob.bytes())
                                : answer instanceof SpecReader.Absent ? "absent" : "damaged");
            }
            return new SpecComparison("", reader.damage(), reader.tornBytes(), reader.size(), answers);
        } catch (SpecReader.Refused e) {
            return refused(String.valueOf(e.getMessage()));
        }
    }

    /** By the library. */
    public static SpecComparison byLibrary(Map<String, byte[]> files, Set<String> keys) throws IOException {
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(files));
        StoreEnvironment environment = new StoreEnvironment(
                (path, create) -> directory, HeapLocationIndexFactory.forgetting(), name -> new CrashWorkload.Never());
        BlobStore<String> store;
        try {
            BlobStoreBuilder<String> builder = StoreAccess.environment(TestStores.onHeap(), environment);
            if (files.containsKey("KEYS")) {
                builder.keySource(TestKeys.first());
            }
            store = builder.open(directory.path());
        } catch (CorruptBlobException | UnsupportedFormatException | ForeignFileException e) {
            return refused(refusedFile(files, String.valueOf(e.getMessage())));
        }
        try {
            long size = store.size(); // Before the figures are asked for, which takes out what has expired.
            OpenReport report = store.stats().opening();
            Set<String> damage = new TreeSet<>();
            report.damage().forEach(each -> damage.add(Path.of(each.file()).getFileName() + " " + each.offset()));
            Map<String, String> answers = new TreeMap<>();
            for (String key : keys) {
                answers.put(key, answer(store, key));
            }
            return new SpecComparison("", damage, report.tornBytes(), size, answers);
        } finally {
            StoreAccess.crash(store);
        }
    }

    /** That both find the same. */
    static SpecComparison check(Map<String, byte[]> files, Set<String> keys, String what) throws IOException {
        SpecComparison expected = bySpecification(files, keys);
        assertThat(byLibrary(files, keys)).as(what).isEqualTo(expected);
        return expected;
    }

    private static String refusedFile(Map<String, byte[]> files, String message) {
        return files.keySet().stream().filter(message::contains).findFirst().orElse(message);
    }

    private static String answer(BlobStore<String> store, String key) throws IOException {
        try {
            byte @Nullable [] blob = store.get(key);
            return blob == null ? "absent" : text(ByteBuffer.wrap(blob));
        } catch (CorruptBlobException e) {
            return "damaged";
        }
    }

    /** Every byte is a character. */
    private static String text(ByteBuffer blob) {
        return "\"" + StandardCharsets.ISO_8859_1.decode(blob) + '"';
    }
}
