package org.blobarena.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.StoreStats;

/**
 * The metrics of a store: what {@link BlobStore#stats} tells, as meters {@code blobarena.*} with the tag {@code store}.
 *
 * <p>A registry that is read asks the store once. Once the store is closed or collected, gauges are NaN and counters keep
 * their last value.
 *
 * <p>Threads: safe for use by multiple threads.
 */
public final class BlobStoreMetrics implements MeterBinder, AutoCloseable {

    private static final String TAG = "store";
    private static final double NANOS_PER_SECOND = 1e9;

    private final WeakReference<BlobStore<?>> store;
    private final Tags tags;

    /** Guarded by itself. */
    private final List<Meters<StoreStats>> bound = new ArrayList<>();

    /**
     * Makes a binder.
     *
     * @param store the store, which the caller keeps: the binder and the meters do not
     * @param name what tells the store from others in the registry, such as the name of its directory
     * @param tags of all meters, besides the name
     */
    public BlobStoreMetrics(BlobStore<?> store, String name, Iterable<Tag> tags) {
        this.store = new WeakReference<>(Objects.requireNonNull(store, "store"));
        this.tags = Tags.concat(Objects.requireNonNull(tags, "tags"), TAG, Objects.requireNonNull(name, "name"));
    }

    /**
     * Binds the meters of a store to a registry.
     *
     * @param <T> the type of the store
     * @param registry the registry
     * @param store the store, which the caller keeps
     * @param name what tells the store from others in the registry
     * @param tags of all meters besides, in pairs of key and value
     * @return the store
     * @throws IllegalArgumentException if the number of tags is odd
     */
    public static <T extends BlobStore<?>> T monitor(MeterRegistry registry, T store, String name, String... tags) {
        new BlobStoreMetrics(store, name, Tags.of(tags)).bindTo(registry);
        return store;
    }

    /**
     * Adds the meters to a registry. Where it has meters of a store of the same name and tags, these are replaced if that
     * store is closed, and else left, which is logged.
     *
     * @param registry the registry
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        BlobStore<?> present = store.get();
        if (present == null) {
            return;
        }
        Figures<BlobStore<?>, StoreStats> figures =
                new Figures<>(present, BlobStore::stats, registry.config().clock());
        Meters<StoreStats> meters = new Meters<>(registry, figures, tags);
        synchronized (bound) {
            bound.add(meters);
        }
        meters.gauge("blobarena.keys", "The number of keys", StoreStats::keys);
        meters.bytes(
                "blobarena.data",
                Tags.of("state", "live"),
                "Bytes of the records that are needed",
                StoreStats::liveBytes);
        meters.bytes(
                "blobarena.data",
                Tags.of("state", "dead"),
                "Bytes of the records that compaction can reclaim",
                StoreStats::deadBytes);
        meters.bytes(
                "blobarena.data.needed",
                "The length that the arena files would have without dead bytes",
                StoreStats::neededBytes);
        meters.bytes("blobarena.data.expired", "Bytes of the records that have expired", StoreStats::expiredBytes);
        meters.gauge("blobarena.files", "The number of arena files", StoreStats::arenaFiles);
        meters.bytes("blobarena.files.size", "Bytes of all arena files", StoreStats::arenaBytes);
        meters.bytes("blobarena.index.size", "Bytes of the index on disk", StoreStats::indexBytes);
        meters.time(
                "blobarena.opening.duration",
                "How long the opening took",
                stats -> stats.opening().duration().toNanos());
        meters.gauge(
                "blobarena.opening.damage",
                "The number of damaged places that the opening has found",
                stats -> stats.opening().damageCount());
        meters.byteCounter(
                "blobarena.written",
                "Bytes of the records that writers appended",
                stats -> stats.compaction().bytesPut());
        meters.counter(
                "blobarena.compaction.rounds",
                Tags.empty(),
                "How often files were replaced",
                stats -> stats.compaction().rounds());
        meters.counter(
                "blobarena.compaction.files",
                Tags.empty(),
                "The number of replaced files",
                stats -> stats.compaction().filesReplaced());
        meters.byteCounter(
                "blobarena.compaction.read",
                "Bytes read from the replaced files",
                stats -> stats.compaction().bytesRead());
        meters.byteCounter(
                "blobarena.compaction.written",
                "Bytes of the files that replace others",
                stats -> stats.compaction().bytesWritten());
        meters.byteCounter(
                "blobarena.compaction.freed",
                "Bytes of the replaced files",
                stats -> stats.compaction().bytesFreed());
        meters.secondCounter(
                "blobarena.throttle",
                "How long all writers together waited for compaction",
                stats -> stats.compaction().writersWaited().toNanos() / NANOS_PER_SECOND);
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
