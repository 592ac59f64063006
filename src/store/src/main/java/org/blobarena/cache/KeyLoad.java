package org.blobarena.cache;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.blobarena.arena.Location;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.WriteOptions;
import org.blobarena.store.internal.engine.BlobSink;
import org.blobarena.store.internal.engine.StoreBackdoor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A caller's way to a blob that was absent a moment ago: he loads it, or waits for who does.
 *
 * <p>What was loaded is stored only if the key's record, or its absence, is as it was before the load, and nobody has written
 * the key meanwhile. For one thread.
 */
final class KeyLoad<K> {

    private static final Logger LOG = LoggerFactory.getLogger(KeyLoad.class);

    private static final int PIECE_BYTES = 64 * 1024;

    private final BlobCache<K> cache;
    private final BlobStore<K> store;
    private final Loads loads;
    private final Counters counters;
    private final K key;
    private final EncodedKey encoded;
    private final WriteOptions options;

    KeyLoad(BlobCache<K> cache, K key) {
        this.cache = cache;
        this.store = cache.store();
        this.loads = cache.loads();
        this.counters = cache.counters();
        this.key = key;
        this.encoded = cache.engine().encoded(cache.encoded(key));
        this.options = StoreBackdoor.opened().optionsOf(store);
    }

    /** The blob in memory, or null if there is none. */
    byte @Nullable [] bytes(BlobLoader<? super K> loader) throws IOException {
        return loadOrAwait(mine -> loadBytes(mine, loader), blob -> blob, () -> cache.read(key));
    }

    /** A stream of the blob, or null if there is none. */
    @Nullable InputStream stream(StreamLoader<? super K> loader) throws IOException {
        return loadOrAwait(mine -> loadStream(mine, loader), ByteArrayInputStream::new, () -> cache.open(key));
    }

    /** Loads a blob. */
    @FunctionalInterface
    private interface Loading<T> {

        @Nullable T load(Loads.Load mine) throws IOException;
    }

    /** Looks for the blob in the cache. */
    @FunctionalInterface
    private interface Reading<T> {

        @Nullable T read() throws IOException;
    }

    /**
     * Loads the blob, or waits for who does.
     *
     * @param ofLoaded makes the result of what another has loaded into memory
     * @param reading finds what another has stored; if it is gone again, this begins anew
     */
    private <T> @Nullable T loadOrAwait(Loading<T> loading, Function<byte[], T> ofLoaded, Reading<T> reading)
            throws IOException {
        while (true) {
            Loads.Load mine = new Loads.Load();
            Loads.Load other = loads.begin(encoded.hash(), mine);
            if (other == null) {
                try {
                    return loading.load(mine);
                } finally {
                    loads.end(encoded.hash(), mine);
                }
            }
            loads.await(other);
            switch (other.outcome()) {
                case NOTHING -> {
                    return null;
                }
                case LOADED -> {
                    return ofLoaded.apply(other.blob());
                }
                case FAILED -> throw other.failure();
                case STREAMED -> {
                    T present = reading.read();
                    if (present != null) {
                        return present;
                    }
                }
            }
        }
    }

    private byte @Nullable [] loadBytes(Loads.Load mine, BlobLoader<? super K> loader) throws IOException {
        Location before = locate();
        byte[] present = cache.read(key);
        if (present != null) { // It was loaded since it was missed.
            mine.loaded(present);
            return present;
        }
        long start = System.nanoTime();
        byte[] blob = call(mine, () -> loader.load(key));
        mine.loaded(blob);
        if (blob != null && cache.isAdmitted(blob.length)) {
            store(mine, before, blob);
        }
        loaded(start);
        return blob;
    }

    private @Nullable Location locate() {
        try {
            return cache.engine().reads().locatePresent(encoded);
        } catch (IOException e) { // It cannot be told whether the blob has expired; it cannot be read either.
            return locateUnreadable();
        }
    }

    private @Nullable Location locateUnreadable() {
        try {
            return cache.engine().reads().locate(encoded);
        } catch (IOException e) { // The index is damaged, so nothing that is loaded will be stored.
            return null;
        }
    }

    private void store(Loads.Load mine, @Nullable Location before, byte[] blob) {
        mine.setStoring(true);
        try {
            boolean stored =
                    cache.engine().writes().putIf(encoded, condition(mine, before), ByteBuffer.wrap(blob), options);
            (stored ? counters.admitted : counters.rejected).increment();
        } catch (BlobTooLargeException e) {
            counters.rejected.increment();
        } catch (IOException e) {
            writeFailed(e);
        } finally {
            mine.setStoring(false);
        }
    }

    private static Predicate<@Nullable Location> condition(Loads.Load mine, @Nullable Location before) {
        return now -> !mine.isOutdated() && Objects.equals(before, now);
    }

    private void writeFailed(IOException failure) {
        counters.writeFailures.increment();
        LOG.warn("a blob that was loaded could not be cached: {}", failure.toString());
    }

    private @Nullable InputStream loadStream(Loads.Load mine, StreamLoader<? super K> loader) throws IOException {
        Location before = locate();
        InputStream present = cache.open(key);
        if (present != null) { // It was loaded since it was missed.
            return present;
        }
        long start = System.nanoTime();
        InputStream source = call(mine, () -> loader.open(key));
        if (source == null) {
            mine.loaded(null);
            loaded(start);
            return null;
        }
        if (!cache.isAdmitted(WriteBudget.LENGTH_UNKNOWN)) {
            loaded(start);
            return source;
        }
        InputStream stored = store(mine, before, source) ? cache.open(key) : null;
        if (stored == null) { // The source is used up.
            stored = call(mine, () -> loader.open(key));
        }
        loaded(start);
        return stored;
    }

    private void loaded(long startNanos) {
        counters.loads.increment();
        counters.loadNanos.add(System.nanoTime() - startNanos);
    }

    /** Whether the blob was stored. A source that fails, if only when it is closed, has given nothing that may be. */
    private boolean store(Loads.Load mine, @Nullable Location before, InputStream source) throws IOException {
        BlobSink sink = cache.engine().writes().sink(encoded, 0, options);
        try {
            try {
                copy(mine, source, sink);
            } finally {
                close(mine, source);
            }
            mine.setStoring(true);
            boolean stored = sink.publishIf(condition(mine, before));
            (stored ? counters.admitted : counters.rejected).increment();
            if (stored) {
                cache.streamed(key);
            }
            return stored;
        } catch (BlobTooLargeException e) {
            counters.rejected.increment();
        } catch (CacheLoadException e) {
            throw e;
        } catch (IOException e) {
            writeFailed(e);
        } finally {
            mine.setStoring(false);
            sink.drop(); // Does nothing once it is published.
        }
        return false;
    }

    private void copy(Loads.Load mine, InputStream source, BlobSink sink) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = read(mine, source, piece); count >= 0; count = read(mine, source, piece)) {
            sink.write(ByteBuffer.wrap(piece, 0, count));
        }
    }

    private void close(Loads.Load mine, InputStream source) throws CacheLoadException {
        call(mine, () -> {
            source.close();
            return null;
        });
    }

    private int read(Loads.Load mine, InputStream source, byte[] piece) throws CacheLoadException {
        Integer count = call(mine, () -> source.read(piece));
        return Objects.requireNonNull(count);
    }

    /** Something of the user's. */
    @FunctionalInterface
    private interface UserCode<T> {

        @Nullable T run() throws Exception;
    }

    /** Runs a loader; what it throws is passed on to all who wait. */
    private <T> @Nullable T call(Loads.Load mine, UserCode<T> code) throws CacheLoadException {
        try {
            return code.run();
        } catch (StoreClosedException e) {
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            failed(mine, e);
            throw mine.failure();
        } catch (Error e) {
            failed(mine, e);
            throw e;
        }
    }

    private void failed(Loads.Load mine, Throwable cause) {
        mine.failed(cause);
        counters.loadFailures.increment();
    }
}
