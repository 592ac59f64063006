package org.blobarena.spring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.blobarena.store.api.NotAStoreException;
import org.blobarena.store.api.StoreLockedException;

/**
 * Sets the options of a {@link BlobArenaCacheManager} and opens it. A manager is opened with the options that are set at that
 * moment; the builder may be used again.
 *
 * <p>For use by one thread.
 */
public final class BlobArenaCacheManagerBuilder {

    private final Set<String> names = new LinkedHashSet<>();
    private final Map<String, BlobArenaCacheSettings> ofCaches = new HashMap<>();
    private BlobArenaCacheSettings settings = new BlobArenaCacheSettings();
    private boolean dynamic = true;

    /** What a manager is opened with. */
    record Choices(
            Set<String> names,
            Map<String, BlobArenaCacheSettings> ofCaches,
            BlobArenaCacheSettings others,
            boolean dynamic) {

        BlobArenaCacheSettings settings(String name) {
            return ofCaches.getOrDefault(name, others);
        }
    }

    BlobArenaCacheManagerBuilder() {}

    /**
     * Sets what caches are like that have no settings of their own.
     *
     * @param value the settings, which are copied; by default {@code new BlobArenaCacheSettings()}
     * @return this
     */
    public BlobArenaCacheManagerBuilder settings(BlobArenaCacheSettings value) {
        settings = new BlobArenaCacheSettings(value);
        return this;
    }

    /**
     * Adds a cache, with settings of its own. It is opened with the manager.
     *
     * @param name the name
     * @param value the settings, which are copied
     * @return this
     */
    public BlobArenaCacheManagerBuilder cache(String name, BlobArenaCacheSettings value) {
        ofCaches.put(Objects.requireNonNull(name, "name"), new BlobArenaCacheSettings(value));
        names.add(name);
        return this;
    }

    /**
     * Adds caches and fixes the names: others are not made when they are asked for. They are opened with the manager.
     *
     * @param values the names, perhaps none beside those of {@link #cache}
     * @return this
     */
    public BlobArenaCacheManagerBuilder cacheNames(String... values) {
        names.addAll(Arrays.asList(values));
        dynamic = false;
        return this;
    }

    /**
     * Opens the manager and those of its caches that have been named.
     *
     * @param directory the directory of the caches; what is missing of it is made
     * @return the manager, to be closed
     * @throws StoreLockedException if a cache is open already, in another manager or process
     * @throws NotAStoreException if the folder of a cache holds something else
     * @throws IOException if a cache cannot be opened
     */
    public BlobArenaCacheManager open(Path directory) throws IOException {
        return BlobArenaCacheManager.open(
                Objects.requireNonNull(directory, "directory"),
                new Choices(Set.copyOf(names), Map.copyOf(ofCaches), settings, dynamic));
    }
}
