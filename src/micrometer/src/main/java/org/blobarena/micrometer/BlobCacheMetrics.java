package org.blobarena.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.blobarena.cache.BlobCache;
import org.blobarena.cache.CacheStats;

/**
 * The metrics of a cache: what {@link BlobCache#stats} tells, as the meters {@code cache.*} that Micrometer has for other
 * caches, with the tag {@code cache}. Bytes are what others call weight.
 *
 * <p>A registry that is read asks the cache once. Once the cache is closed or collected, gauges are NaN and counters keep
 * their last value.
 *
 * <p>Threads: safe for use by multiple threads.
 */
public final class BlobCacheMetrics implements MeterBinder, AutoCloseable {

    private static final String TAG = "cache";

    private final WeakReference<BlobCache<?>> cache;
    private final Tags tags;

    /** Guarded by itself. */
    private final List<Meters<Sized>> bound = new ArrayList<>();

    /** What a cache tells, and how many blobs it has. */
    private record Sized(long size, CacheStats stats) {}

    /**
     * Makes a binder.
     *
     * @param cache the cache, which the caller keeps: the binder and the meters do not
     * @param name what tells the cache from others in the registry, such as the name of its directory
     * @param tags of all meters, besides the name
     */
    public BlobCacheMetrics(BlobCache<?> cache, String name, Iterable<Tag> tags) {
        this.cache = new WeakReference<>(Objects.requireNonNull(cache, "cache"));
        this.tags = Tags.concat(Objects.requireNonNull(tags, "tags"), TAG, Objects.requireNonNull(name, "name"));
    }

    /**
     * Binds the meters of a cache to a registry.
     *
     * @param <T> the type of the cache
     * @param registry the registry
     * @param cache the cache, which the caller keeps
     * @param name what tells the cache from others in the registry
     * @param tags of all meters besides, in pairs of key and value
     * @return the cache
     * @throws IllegalArgumentException if the number of tags is odd
     */
    public static <T extends BlobCache<?>> T monitor(MeterRegistry registry, T cache, String name, String... tags) {
        new BlobCacheMetrics(cache, name, Tags.of(tags)).bindTo(registry);
        return cache;
    }

    /**
     * Adds the meters to a registry. Where it has meters of a cache of the same name and tags, these are replaced if that
     * cache is closed, and else left, which is logged.
     *
     * @param registry the registry
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        BlobCache<?> present = cache.get();
        if (present == null) {
            return;
        }
        Figures<BlobCache<?>, Sized> figures = new Figures<>(
                present,
                each -> new Sized(each.size(), each.stats()),
                registry.config().clock());
        Meters<Sized> meters = new Meters<>(registry, figures, tags);
        synchronized (bound) {
            bound.add(meters);
        }
        meters.gauge("cache.size", "The number of blobs in the cache", Sized::size);
        meters.counter(
                "cache.gets",
                Tags.of("result", "hit"),
                "The number of requests that found a blob",
                each -> each.stats.hits());
        meters.counter(
                "cache.gets",
                Tags.of("result", "miss"),
                "The number of requests that found none",
                each -> each.stats.misses());
        meters.counter(
                "cache.puts",
                Tags.empty(),
                "The number of blobs that were put or loaded, and stored",
                each -> each.stats.admitted());
        meters.counter(
                "cache.rejections",
                Tags.empty(),
                "The number of blobs that were put or loaded, and not stored",
                each -> each.stats.rejected());
        meters.counter(
                "cache.evictions",
                Tags.empty(),
                "The number of blobs that were evicted",
                each -> each.stats.evictions());
        meters.byteCounter(
                "cache.eviction.weight", "Bytes of the blobs that were evicted", each -> each.stats.evictedBytes());
        meters.counter(
                "cache.reinsertions",
                Tags.empty(),
                "The number of blobs that were written again rather than evicted",
                each -> each.stats.reinserted());
        meters.byteCounter(
                "cache.reinsertion.weight",
                "Bytes of the blobs that were written again",
                each -> each.stats.reinsertedBytes());
        meters.time(
                "cache.load.duration",
                "The time that all loads took together",
                each -> each.stats.totalLoadTime().toNanos());
        meters.counter(
                "cache.load",
                Tags.of("result", "success"),
                "The number of loads that succeeded",
                each -> each.stats.loads());
        meters.counter(
                "cache.load",
                Tags.of("result", "failure"),
                "The number of loads that failed",
                each -> each.stats.loadFailures());
        meters.counter(
                "cache.failures",
                Tags.of("operation", "read"),
                "The number of requests that found a blob which could not be read",
                each -> each.stats.readFailures());
        meters.counter(
                "cache.failures",
                Tags.of("operation", "write"),
                "The number of loaded blobs that could not be stored",
                each -> each.stats.writeFailures());
        meters.byteCounter(
                "cache.written", "Bytes of all records that were written", each -> each.stats.bytesWritten());
        meters.bytes("cache.weight", "Bytes that the cache takes on disk", each -> each.stats.bytes());
        meters.bytes("cache.weight.max", "The most bytes that the cache may take", each -> each.stats.maximumBytes());
    }

    /** Removes the meters from all registries that they were added to. Again does nothing. */
    @Override
    public void close() {
        synchronized (bound) {
            bound.forEach(Meters::remove);
            bound.clear();
        }
    }
}
