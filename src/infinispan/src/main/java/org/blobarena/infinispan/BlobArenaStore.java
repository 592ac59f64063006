package org.blobarena.infinispan;

import io.reactivex.rxjava3.core.Completable;
import io.reactivex.rxjava3.core.Flowable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.KeyCodec;
import org.infinispan.commons.configuration.ConfiguredBy;
import org.infinispan.commons.time.TimeService;
import org.infinispan.commons.util.IntSet;
import org.infinispan.persistence.PersistenceUtil;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.infinispan.persistence.spi.PersistenceException;
import org.infinispan.util.concurrent.BlockingManager;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * A store of Infinispan in a directory of its own, for the entries that one node owns. {@link
 * BlobArenaStoreConfigurationBuilder} configures it, and Infinispan makes and calls it.
 *
 * <p>Values stay on disk, up to {@value #BLOB_BYTES_MAX} bytes with the entry's metadata; marshalled keys have at most 65,531
 * bytes. An entry is written and replaced in one step, and one whose write has completed survives the death of the process.
 * Equal keys must be marshalled to the same bytes.
 *
 * <p>Every failure is a {@link PersistenceException} with the cause. Safe for use by multiple threads, between {@link #start}
 * and {@link #stop}.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
@ConfiguredBy(BlobArenaStoreConfigurationBuilder.class)
public final class BlobArenaStore<K, V> implements NonBlockingStore<K, V> {

    private static final int BLOB_BYTES_MAX = Integer.MAX_VALUE - 8;

    /** A batch holds no more than this in memory, and one entry. */
    private static final long BATCH_BYTES_MAX = 16L << 20;

    private @Nullable Running<K, V> running;

    /** What a started store has. */
    private record Running<K, V>(
            StoreDirectory directory,
            SegmentedBlobs blobs,
            Partition partition,
            Entries<K, V> entries,
            PurgeSchedule purges,
            TimeService time,
            BlockingManager blocking,
            int batchSize) {}

    /** What may fail, in a thread that may block. */
    @FunctionalInterface
    private interface Blocking<T> {
        @Nullable T run() throws IOException;
    }

    /** Makes a store, which is not started. Infinispan calls this. */
    public BlobArenaStore() {}

    private Running<K, V> running() {
        return Objects.requireNonNull(running, "the store is not started");
    }

    private static <T> CompletionStage<T> blocking(BlockingManager manager, String what, Blocking<T> action) {
        return manager.supplyBlocking(() -> orPersistenceException(what, action), "blobarena-" + what);
    }

    private <T> CompletionStage<T> blocking(String what, Blocking<T> action) {
        return blocking(running().blocking, what, action);
    }

    private static <T> @Nullable T orPersistenceException(String what, Blocking<T> action) {
        try {
            return action.run();
        } catch (PersistenceException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new PersistenceException("failed to " + what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Set<Characteristic> characteristics() {
        return EnumSet.of(Characteristic.BULK_READ, Characteristic.SEGMENTABLE, Characteristic.EXPIRATION);
    }

    @Override
    public CompletionStage<Void> start(InitializationContext context) {
        return blocking(context.getBlockingManager(), "start", () -> {
            open(context);
            return null;
        });
    }

    private void open(InitializationContext context) throws IOException {
        BlobArenaStoreConfiguration configuration = context.getConfiguration();
        Path root = PersistenceUtil.getQualifiedLocation(
                context.getGlobalConfiguration(),
                configuration.path(),
                context.getCache().getName(),
                "blobarena");
        BlobStoreBuilder<byte[]> builder = BlobStore.builder(KeyCodec.bytes())
                .durability(configuration.durability())
                .compression(configuration.compression())
                .maxBlobBytes(BLOB_BYTES_MAX);
        Partition partition = Partition.of(context);
        Entries<K, V> entries = new Entries<>(context);
        StoreDirectory directory = StoreDirectory.open(root);
        SegmentedBlobs blobs = null;
        try {
            blobs = new Opening(directory, builder, partition, key -> partition.segment(entries.key(key), key)).open();
            if (context.canStoreDirectlyPurgeOnStartup()) {
                blobs.clear();
            }
            running = new Running<>(
                    directory,
                    blobs,
                    partition,
                    entries,
                    new PurgeSchedule(),
                    context.getTimeService(),
                    context.getBlockingManager(),
                    configuration.maxBatchSize());
        } finally {
            if (running == null) {
                if (blobs != null) {
                    blobs.close();
                }
                directory.close();
            }
        }
    }

    /** A cache that is removed is cleared and stopped. Nobody needs files that hold nothing, so they go. */
    @Override
    public CompletionStage<Void> stop() {
        return end("stop", (directory, blobs) -> {
            if (blobs.isCleared()) {
                directory.delete();
            } else {
                directory.close();
            }
        });
    }

    @Override
    public CompletionStage<Void> destroy() {
        return end("destroy", (directory, blobs) -> directory.delete());
    }

    /** What is done with a directory in the end. */
    @FunctionalInterface
    private interface End {
        void of(StoreDirectory directory, SegmentedBlobs closed) throws IOException;
    }

    /** Does nothing if the store is not started, as after a start that failed. */
    private CompletionStage<Void> end(String what, End end) {
        Running<K, V> ended = running;
        running = null;
        if (ended == null) {
            return CompletableFuture.completedFuture(null);
        }
        return blocking(ended.blocking, what, () -> {
            try {
                ended.blobs.close();
            } finally {
                end.of(ended.directory, ended.blobs);
            }
            return null;
        });
    }

    // ---- one entry

    @Override
    public CompletionStage<MarshallableEntry<K, V>> load(int segment, Object key) {
        return blocking("load", () -> load(segment, running().entries.keyBytes(key)));
    }

    private @Nullable MarshallableEntry<K, V> load(int segment, byte[] key) throws IOException {
        Running<K, V> started = running();
        byte[] blob = started.blobs.get(started.partition.of(segment, key), key);
        return blob == null ? null : live(started.entries.entry(key, blob));
    }

    private @Nullable MarshallableEntry<K, V> live(@Nullable MarshallableEntry<K, V> entry) {
        return entry == null || entry.isExpired(now()) ? null : entry;
    }

    private long now() {
        return running().time.wallClockTime();
    }

    @Override
    public CompletionStage<Boolean> containsKey(int segment, Object key) {
        return blocking("look up", () -> {
            byte[] bytes = running().entries.keyBytes(key);
            return contains(running().partition.of(segment, bytes), bytes);
        });
    }

    private boolean contains(int segment, byte[] key) throws IOException {
        return running().blobs.contains(segment, key, now());
    }

    @Override
    public CompletionStage<Void> write(int segment, MarshallableEntry<? extends K, ? extends V> entry) {
        return blocking("write", () -> {
            write(segment, entry, Entries.keyBytes(entry));
            return null;
        });
    }

    private void write(int segment, MarshallableEntry<?, ?> entry, byte[] key) throws IOException {
        Running<K, V> started = running();
        int stored = started.partition.of(segment, key);
        if (Entries.isStreamed(entry)) {
            started.blobs.put(stored, key, started.entries.writer(entry), Entries.expiry(entry));
        } else {
            started.blobs.put(stored, key, Entries.blob(entry), Entries.expiry(entry));
        }
        started.purges.written(Entries.expiry(entry));
    }

    @Override
    public CompletionStage<Boolean> delete(int segment, Object key) {
        return blocking("delete", () -> {
            byte[] bytes = running().entries.keyBytes(key);
            return running().blobs.remove(running().partition.of(segment, bytes), bytes);
        });
    }

    // ---- many

    /** An entry to be written, or a key to be deleted. */
    private record InSegment<T>(int segment, T thing) {}

    @Override
    public CompletionStage<Void> batch(
            int publisherCount,
            Publisher<SegmentedPublisher<Object>> removePublisher,
            Publisher<SegmentedPublisher<MarshallableEntry<K, V>>> writePublisher) {
        Running<K, V> started = running();
        Flowable<CompletionStage<?>> written = inSegments(publisherCount, writePublisher)
                .buffer(started.batchSize)
                .map(entries -> blocking("write a batch", () -> {
                    writeAll(entries);
                    return null;
                }));
        Flowable<CompletionStage<?>> removed =
                inSegments(publisherCount, removePublisher).map(key -> delete(key.segment, key.thing));
        // Neither publisher says anything before both have a subscriber.
        return Flowable.concatArrayEager(oneByOne(written), oneByOne(removed)).lastStage(null);
    }

    private static <T> Flowable<InSegment<T>> inSegments(
            int publisherCount, Publisher<SegmentedPublisher<T>> publisher) {
        return Flowable.fromPublisher(publisher)
                .flatMap(
                        segment -> Flowable.fromPublisher(segment)
                                .map(thing -> new InSegment<>(segment.getSegment(), thing)),
                        publisherCount);
    }

    private static Flowable<Void> oneByOne(Flowable<CompletionStage<?>> steps) {
        return steps.concatMapCompletable(Completable::fromCompletionStage, 1).toFlowable();
    }

    private void writeAll(List<InSegment<MarshallableEntry<K, V>>> entries) throws IOException {
        Running<K, V> started = running();
        Batch batch = new Batch(started.blobs, BATCH_BYTES_MAX);
        for (InSegment<MarshallableEntry<K, V>> written : entries) {
            MarshallableEntry<K, V> entry = written.thing;
            byte[] key = Entries.keyBytes(entry);
            if (Entries.isStreamed(entry)) {
                batch.flush();
                write(written.segment, entry, key);
            } else {
                int segment = started.partition.of(written.segment, key);
                batch.add(segment, key, Entries.blob(entry), Entries.expiry(entry));
            }
        }
        batch.flush();
        entries.forEach(written -> started.purges.written(Entries.expiry(written.thing)));
    }

    @Override
    public CompletionStage<Void> clear() {
        return blocking("clear", () -> {
            running().blobs.clear();
            return null;
        });
    }

    /** A key that a segment lists. */
    private static final class Listed {
        private final int segment;
        private final byte[] key;

        Listed(int segment, byte[] key) {
            this.segment = segment;
            this.key = key;
        }
    }

    /** Lists the keys of segments, one after the other, as they are when they are asked for. */
    private Flowable<Listed> listed(IntSet segments) {
        Running<K, V> started = running();
        return listed(
                started.partition.isOfInfinispan()
                        ? Flowable.fromIterable(segments)
                        : Flowable.range(0, started.partition.count()));
    }

    private Flowable<Listed> listed(Flowable<Integer> segments) {
        Running<K, V> started = running();
        return segments.concatMap(
                segment -> Flowable.fromIterable(started.blobs.keys(segment)).map(key -> new Listed(segment, key)), 1);
    }

    private <T> Publisher<T> published(String what, Flowable<T> flowable) {
        return running()
                .blocking
                .blockingPublisher(flowable.onErrorResumeNext(e -> Flowable.error(
                        e instanceof PersistenceException ? e : new PersistenceException("failed to " + what, e))));
    }

    @Override
    public Publisher<MarshallableEntry<K, V>> publishEntries(
            IntSet segments, @Nullable Predicate<? super K> filter, boolean includeValues) {
        return published(
                "read entries",
                listed(segments)
                        .filter(listed ->
                                filter == null || filter.test(running().entries.key(listed.key)))
                        .mapOptional(listed -> Optional.ofNullable(live(entry(listed, includeValues)))));
    }

    private @Nullable MarshallableEntry<K, V> entry(Listed listed, boolean withValue) throws IOException {
        Running<K, V> started = running();
        if (!withValue) {
            return started.entries.entryWithoutValue(started.blobs, listed.segment, listed.key);
        }
        byte[] blob = started.blobs.get(listed.segment, listed.key);
        return blob == null ? null : started.entries.entry(listed.key, blob);
    }

    @Override
    public Publisher<K> publishKeys(IntSet segments, @Nullable Predicate<? super K> filter) {
        Flowable<K> keys = listed(segments)
                .filter(listed -> contains(listed.segment, listed.key))
                .map(listed -> running().entries.key(listed.key));
        return published("read keys", filter == null ? keys : keys.filter(filter::test));
    }

    /** Exact while nobody writes. Counts one by one if some may have expired. */
    @Override
    public CompletionStage<Long> size(IntSet segments) {
        if (!running().blobs.mayExpire()) {
            return approximateSize(segments);
        }
        Flowable<Listed> live = listed(segments).filter(listed -> contains(listed.segment, listed.key));
        return Flowable.fromPublisher(published("count", live)).count().toCompletionStage();
    }

    @Override
    public CompletionStage<Long> approximateSize(IntSet segments) {
        Running<K, V> started = running();
        long count = 0;
        if (started.partition.isOfInfinispan()) {
            for (int segment : segments) {
                count += started.blobs.count(segment);
            }
        } else {
            for (int segment = 0; segment < started.partition.count(); segment++) {
                count += started.blobs.count(segment);
            }
        }
        return CompletableFuture.completedFuture(count);
    }

    @Override
    public CompletionStage<Void> addSegments(IntSet segments) {
        return CompletableFuture.completedFuture(null); // An empty segment needs nothing.
    }

    @Override
    public CompletionStage<Void> removeSegments(IntSet segments) {
        return blocking("remove segments", () -> {
            for (int segment : segments) {
                running().blobs.removeSegment(segment);
            }
            return null;
        });
    }

    @Override
    public Publisher<MarshallableEntry<K, V>> purgeExpired() {
        Running<K, V> started = running();
        return published(
                "purge",
                Flowable.using(
                        () -> started.purges.begin(now()),
                        purge -> purge.isDue() ? purged(purge) : Flowable.empty(),
                        PurgeSchedule.Purge::end));
    }

    private Flowable<MarshallableEntry<K, V>> purged(PurgeSchedule.Purge purge) {
        return listed(Flowable.range(0, running().partition.count()))
                .mapOptional(listed -> purge(purge, listed))
                .doOnComplete(purge::complete);
    }

    private Optional<MarshallableEntry<K, V>> purge(PurgeSchedule.Purge purge, Listed listed) throws IOException {
        Running<K, V> started = running();
        long expiry = started.blobs.expiryMillis(listed.segment, listed.key);
        if (expiry > purge.nowMillis()) {
            purge.kept(expiry);
            return Optional.empty();
        }
        byte[] blob = started.blobs.removeExpired(listed.segment, listed.key, purge.nowMillis());
        return blob == null ? Optional.empty() : Optional.of(started.entries.entry(listed.key, blob));
    }
}
