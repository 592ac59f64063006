package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.store.BlobStore;
import org.blobarena.store.ReadOnlyBlobStore;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/**
 * Contents by their names, each content once, which another process may be writing to.
 *
 * <p>The names are opened first: a content is stored before its name, so all of them have theirs, but for those that are unbound
 * and whose content is removed in between. These are absent then.
 */
public final class ReadOnlyContents implements ReadableBlobs {

    private final ReadOnlyBlobStore<Key> names;
    private final ReadOnlyBlobStore<Key> contents;
    private final Path directory;

    private ReadOnlyContents(Path directory, ReadOnlyBlobStore<Key> names, ReadOnlyBlobStore<Key> contents) {
        this.directory = directory;
        this.names = names;
        this.contents = contents;
    }

    /** Opens the two stores. */
    public static ReadOnlyContents open(Path directory) throws IOException {
        ReadOnlyBlobStore<Key> names = BlobStore.openReadOnly(directory.resolve(ContentBlobs.NAMES), Key.CODEC);
        ReadOnlyContents opened = null;
        try {
            opened = new ReadOnlyContents(
                    directory, names, BlobStore.openReadOnly(directory.resolve(ContentBlobs.CONTENTS), Key.CODEC));
            return opened;
        } finally {
            if (opened == null) {
                names.close();
            }
        }
    }

    private @Nullable Key content(Key name) throws IOException {
        byte[] digest = names.get(name);
        return digest == null ? null : new Key(digest);
    }

    @Override
    public Stream<Key> keys() {
        return names.keys();
    }

    @Override
    public boolean contains(Key key) throws IOException {
        Key content = content(key);
        return content != null && contents.contains(content);
    }

    @Override
    public OptionalLong sizeOf(Key key) throws IOException {
        Key content = content(key);
        return content == null ? OptionalLong.empty() : contents.sizeOf(content);
    }

    @Override
    public @Nullable RecordInfo describe(Key key) throws IOException {
        Key content = content(key);
        return content == null ? null : contents.describe(content);
    }

    @Override
    public @Nullable InputStream openStream(Key key) throws IOException {
        Key content = content(key);
        return content == null ? null : contents.openStream(content);
    }

    @Override
    public Map<String, StoreStats> stats() {
        Map<String, StoreStats> parts = new LinkedHashMap<>();
        parts.put(ContentBlobs.NAMES, names.stats());
        parts.put(ContentBlobs.CONTENTS, contents.stats());
        return parts;
    }

    @Override
    public List<FileStats> fileStats() {
        List<FileStats> all = new ArrayList<>(names.fileStats());
        all.addAll(contents.fileStats());
        return all;
    }

    /** A name that lacks its content is told of only where contents are damaged or lost: else it was unbound meanwhile. */
    @Override
    public List<Verified> verify(Pace pace) throws IOException {
        Verified ofNames = new Verified(names.verify(pace), names.stats().opening(), List.of());
        List<String> other = new ArrayList<>();
        Verified ofContents =
                new Verified(contents.verify(pace), contents.stats().opening(), other);
        boolean contentsLost = isThere("CONTENTS-DAMAGED");
        if (contentsLost || !ofContents.report().isIntact()) {
            try (Stream<Key> keys = keys()) {
                for (Key name : (Iterable<Key>) keys::iterator) {
                    if (!contains(name)) {
                        other.add("the content of " + Shown.of(name) + " is lost");
                    }
                }
            }
        }
        ContentBlobs.addLosses(other, isThere("NAMES-DAMAGED"), contentsLost);
        return List.of(ofNames, ofContents);
    }

    private boolean isThere(String note) {
        return Files.exists(directory.resolve(note), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public long bytes() {
        return contents.stats().liveBytes();
    }

    @Override
    public void close() throws IOException {
        try {
            names.close();
        } finally {
            contents.close();
        }
    }
}
