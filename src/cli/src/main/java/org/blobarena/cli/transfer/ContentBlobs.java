package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.content.ContentStats;
import org.blobarena.content.ContentStore;
import org.blobarena.content.ContentVerifyReport;
import org.blobarena.content.Digest;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/** Contents by their names, each content once. A key that is not UTF-8 is no name. */
public record ContentBlobs(ContentStore store) implements KeyedBlobs {

    static final String NAMES = "names";
    static final String CONTENTS = "contents";

    /** The store of the names, and the file that every store has. */
    private static final Path MARK = Path.of(NAMES, "STORE");

    /** Whether a directory has such a store. */
    public static boolean isIn(Path directory) {
        return Files.isRegularFile(directory.resolve(MARK));
    }

    @Override
    public Stream<Key> keys() {
        return store.names().map(Key::of);
    }

    @Override
    public boolean contains(Key key) throws IOException {
        return digest(key) != null;
    }

    @Override
    public OptionalLong sizeOf(Key key) throws IOException {
        Digest digest = digest(key);
        return digest == null ? OptionalLong.empty() : store.sizeOf(digest);
    }

    @Override
    public @Nullable RecordInfo describe(Key key) throws IOException {
        Digest digest = digest(key);
        return digest == null ? null : store.describe(digest);
    }

    @Override
    public @Nullable InputStream openStream(Key key) throws IOException {
        Digest digest = digest(key);
        return digest == null ? null : store.openStream(digest);
    }

    @Override
    public void put(Key key, InputStream content) throws IOException {
        String name = name(key);
        if (name == null) {
            throw new KeyException("the key " + Shown.shortly(key)
                    + " is not UTF-8, as the names in a store that keeps the same content once have to be");
        }
        store.put(name, content);
    }

    @Override
    public void put(Key key, InputStream content, Expiry expiry) throws IOException {
        if (!expiry.isNever()) {
            throw new KeyException("it expires, which no content can that other keys may share");
        }
        put(key, content);
    }

    @Override
    public boolean remove(Key key) throws IOException {
        String name = name(key);
        return name != null && store.unbind(name);
    }

    @Override
    public Map<String, StoreStats> stats() {
        ContentStats stats = store.stats();
        Map<String, StoreStats> parts = new LinkedHashMap<>();
        parts.put(NAMES, stats.names());
        parts.put(CONTENTS, stats.contents());
        return parts;
    }

    @Override
    public List<FileStats> fileStats() {
        return store.fileStats();
    }

    @Override
    public List<Verified> verify(Pace pace) throws IOException {
        ContentStats stats = store.stats();
        ContentVerifyReport report = store.verify(pace);
        List<String> other = new ArrayList<>();
        for (String name : report.unbound()) {
            other.add("the content of " + Shown.of(Key.of(name)) + " is lost");
        }
        if (report.unboundCount() > other.size()) {
            other.add("the contents of " + (report.unboundCount() - other.size()) + " more names are lost");
        }
        addLosses(other, stats.namesLost(), stats.contentsLost());
        return List.of(
                new Verified(report.names(), stats.names().opening(), List.of()),
                new Verified(report.contents(), stats.contents().opening(), other));
    }

    static void addLosses(List<String> other, boolean ofNames, boolean ofContents) {
        if (ofNames) {
            other.add("names may be lost since damage was found in them; repair says more, and until then compact"
                    + " removes no content");
        }
        if (ofContents) {
            other.add("contents may be lost since damage was found in them; repair says more");
        }
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public String summary() {
        return "; " + store.contentCount() + " contents have " + store.nameCount() + " names";
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    private @Nullable Digest digest(Key key) throws IOException {
        String name = name(key);
        return name == null ? null : store.resolve(name);
    }

    private static @Nullable String name(Key key) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key.bytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
