package org.blobarena.httpclient;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.cache.HttpCacheCASOperation;
import org.apache.hc.client5.http.cache.HttpCacheEntry;
import org.apache.hc.client5.http.cache.HttpCacheEntrySerializer;
import org.apache.hc.client5.http.cache.HttpCacheStorage;
import org.apache.hc.client5.http.cache.HttpCacheStorageEntry;
import org.apache.hc.client5.http.cache.ResourceIOException;
import org.apache.hc.client5.http.impl.cache.HttpByteArrayCacheEntrySerializer;
import org.blobarena.cache.BlobCache;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.DiskFullException;
import org.blobarena.store.api.StoreClosedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the responses of a caching client in a {@link BlobCache}, each as one blob, its body included.
 *
 * <pre>{@code
 * try (BlobCache<String> blobs = BlobCache.builder(KeyCodec.utf8()).maximumBytes(10L << 30).open(directory);
 *         CloseableHttpClient client = CachingHttpClients.custom()
 *                 .setHttpCacheStorage(new BlobHttpCacheStorage(blobs))
 *                 .setCacheConfig(CacheConfig.custom().setMaxObjectSize(16 << 20).build())
 *                 .build()) {
 *     String page = client.execute(new HttpGet("https://example.org/"), new BasicHttpClientResponseHandler());
 * }
 * }</pre>
 *
 * <p>For an asynchronous client, {@link org.apache.hc.client5.http.cache.HttpAsyncCacheStorageAdaptor} takes it, and reads the
 * disk in the client's own thread.
 *
 * <p><b>Lengths.</b> The client keeps bodies in memory up to {@code CacheConfig.getMaxObjectSize}, which is 8 KiB by default.
 * A response that is longer than a blob may be ({@link org.blobarena.cache.BlobCacheBuilder#arenaBytesMax}), or that a full disk
 * refuses, is not stored; what it would have replaced goes, and a warning is logged once.
 *
 * <p><b>Updates</b> of one entry are atomic, its first one included, whatever other clients of the same cache do; an operation
 * may be executed several times. {@code AbstractBinaryCacheStorage} of the client, on which such storages are built, stores the
 * first one without a comparison, so that of two first variants one is lost.
 *
 * <p><b>Failures.</b> A blob that is damaged, or is no response, counts as absent; it is removed, and a warning is logged. Other
 * failures of the disk, and a cache that is closed, are a {@link ResourceIOException}, after which the client does as if there
 * was no cache.
 *
 * <p>Safe for use by multiple threads. Several clients may share it.
 */
public final class BlobHttpCacheStorage implements HttpCacheStorage {

    private static final Logger LOG = LoggerFactory.getLogger(BlobHttpCacheStorage.class);

    private final BlobCache<String> blobs;
    private final HttpCacheEntrySerializer<byte[]> serializer;
    private final AtomicBoolean hasRefused = new AtomicBoolean();
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    /** A step on the cache. */
    @FunctionalInterface
    private interface Step<T> {

        T run() throws IOException;
    }

    /**
     * Makes a storage whose responses stand as {@link HttpByteArrayCacheEntrySerializer} writes them: as text, and the body.
     *
     * @param blobs the cache, which stays the caller's, who closes it after the client
     */
    public BlobHttpCacheStorage(BlobCache<String> blobs) {
        this(blobs, HttpByteArrayCacheEntrySerializer.INSTANCE);
    }

    /**
     * Makes a storage.
     *
     * @param blobs the cache, which stays the caller's, who closes it after the client
     * @param serializer how a response becomes bytes, the same for the life of the cache
     */
    public BlobHttpCacheStorage(BlobCache<String> blobs, HttpCacheEntrySerializer<byte[]> serializer) {
        this.blobs = Objects.requireNonNull(blobs, "blobs");
        this.serializer = Objects.requireNonNull(serializer, "serializer");
    }

    @Override
    public void putEntry(String key, HttpCacheEntry entry) throws ResourceIOException {
        byte[] blob = serialize(key, entry);
        boolean unused = storing(key, () -> {
            blobs.put(key, blob);
            return true;
        });
    }

    @Override
    public @Nullable HttpCacheEntry getEntry(String key) throws ResourceIOException {
        byte[] blob = read(key);
        return blob == null ? null : entry(key, blob);
    }

    @Override
    public Map<String, HttpCacheEntry> getEntries(Collection<String> keys) throws ResourceIOException {
        Map<String, HttpCacheEntry> entries = new HashMap<>();
        for (String key : keys) {
            HttpCacheEntry entry = getEntry(key);
            if (entry != null) {
                entries.put(key, entry);
            }
        }
        return entries;
    }

    @Override
    public void removeEntry(String key) throws ResourceIOException {
        boolean unused = checked(() -> blobs.invalidate(key));
    }

    @Override
    public void updateEntry(String key, HttpCacheCASOperation operation) throws ResourceIOException {
        while (true) { // Somebody else has got on whenever this one has to begin anew.
            byte[] before = read(key);
            HttpCacheEntry existing = before == null ? null : entry(key, before);
            HttpCacheEntry updated = operation.execute(existing);
            byte[] after = updated == null ? null : serialize(key, updated);
            if (Arrays.equals(before, after) || storing(key, () -> swap(key, before, after))) {
                return;
            }
        }
    }

    /** Whether the blob of a key was {@code before}, and now is {@code after}; null for none. */
    private boolean swap(String key, byte @Nullable [] before, byte @Nullable [] after) {
        if (after == null) {
            return before == null || blobs.asMap().remove(key, before);
        }
        return before == null
                ? blobs.asMap().putIfAbsent(key, after) == null
                : blobs.asMap().replace(key, before, after);
    }

    // ---- responses as bytes

    private byte[] serialize(String key, HttpCacheEntry entry) throws ResourceIOException {
        return serializer.serialize(new HttpCacheStorageEntry(key, entry));
    }

    /** Returns the response in a blob; null if there is none in it, and then the blob is removed. */
    private @Nullable HttpCacheEntry entry(String key, byte[] blob) throws ResourceIOException {
        try {
            HttpCacheStorageEntry stored = serializer.deserialize(blob);
            if (stored.getKey().equals(key)) {
                return stored.getContent();
            }
            unreadable("it is that of another key");
        } catch (ResourceIOException | RuntimeException e) { // As of a number that is none.
            unreadable(e.toString());
        }
        boolean unused = checked(() -> blobs.asMap().remove(key, blob));
        return null;
    }

    private void unreadable(String reason) {
        if (hasFailed.compareAndSet(false, true)) {
            LOG.warn("a response cannot be read back, and is removed; of others nothing is said: {}", reason);
        }
    }

    // ---- failures

    private byte @Nullable [] read(String key) throws ResourceIOException {
        try {
            return blobs.getIfPresent(key);
        } catch (StoreClosedException | IllegalArgumentException e) {
            throw failed(e);
        }
    }

    /** Stores something, or removes what is there if that cannot be. Returns what the step returns, or true. */
    private boolean storing(String key, Step<Boolean> step) throws ResourceIOException {
        return checked(() -> {
            try {
                return step.run();
            } catch (BlobTooLargeException | DiskFullException e) {
                refused(e);
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof DiskFullException full)) {
                    throw e;
                }
                refused(full);
            }
            removeOutdated(key);
            return true;
        });
    }

    /** What would have been replaced goes. A device that is full still may not take note of that; the cache has, and tries again. */
    private void removeOutdated(String key) throws IOException {
        try {
            boolean unused = blobs.invalidate(key);
        } catch (DiskFullException e) {
            LOG.debug("a removal is not on the device yet", e);
        }
    }

    private void refused(Exception reason) {
        if (hasRefused.compareAndSet(false, true)) {
            LOG.warn("a response is not stored; of others nothing is said: {}", reason.toString());
        }
    }

    private static <T> T checked(Step<T> step) throws ResourceIOException {
        try {
            return step.run();
        } catch (IOException | UncheckedIOException | StoreClosedException | IllegalArgumentException e) {
            throw failed(e); // An argument, because a key may be text that is none.
        }
    }

    private static ResourceIOException failed(Exception e) {
        return new ResourceIOException("the cache fails: " + e.getMessage(), e);
    }
}
