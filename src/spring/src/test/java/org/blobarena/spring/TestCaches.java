package org.blobarena.spring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;

/** Managers and caches for tests, with a small bound. */
final class TestCaches {

    static final long MAXIMUM_BYTES = 16L << 20;
    static final String NAME = "texts";

    private TestCaches() {}

    static BlobArenaCacheSettings settings() {
        return new BlobArenaCacheSettings().maximumBytes(MAXIMUM_BYTES);
    }

    static BlobArenaCacheManager open(Path directory) {
        return open(directory, settings());
    }

    static BlobArenaCacheManager open(Path directory, BlobArenaCacheSettings settings) {
        try {
            return BlobArenaCacheManager.builder().settings(settings).open(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BlobArenaCache cache(BlobArenaCacheManager manager) {
        return cache(manager, NAME);
    }

    static BlobArenaCache cache(BlobArenaCacheManager manager, String name) {
        return (BlobArenaCache) Objects.requireNonNull(manager.getCache(name));
    }
}
