package org.blobarena.index.chronicle;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.StackRoom;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.NoRoomException;
import org.jspecify.annotations.Nullable;

/**
 * The index on Chronicle Map, that grows by itself.
 *
 * <p>The index is one map of fixed capacity in one file, and for the time of a migration two. {@link IndexGrowth} says
 * when it moves to a larger one, {@link IndexMigration} how, {@link Generations} what reads and writes mean meanwhile,
 * and {@link IndexGeometry} how large maps are: at most 48 bytes per key outside of a migration, from a million keys on.
 *
 * <p>Order per key comes from stripes: a thread that changes an entry holds the lock of its key's {@link Stripe}. Readers hold
 * none; they take a slot and leave it (see {@link ReaderSlots}), so that no map is closed under them. A thread that takes a lock
 * has made sure of its stack ({@link StackRoom}), so that no Error leaves one behind. An interrupt is never acted on and never lost: no lock here can be interrupted, and the
 * file's channel does not react to it.
 */
final class ChronicleLocationIndex implements LocationIndex {

    // How many keys come to one stripe before growth is thought of: the sum over all stripes is not free.
    private static final int GROWTH_CHECK_MASK = 15;

    /** From so many bytes per key on an index is not about to grow; one that grows has 36 to 42. */
    private static final int GROWING_BYTES_PER_KEY = 45;

    private final IndexState state;
    private final IndexGrowth growth;

    ChronicleLocationIndex(IndexState state, IndexGrowth growth) {
        this.state = state;
        this.growth = growth;
    }

    @Override
    public @Nullable Location get(KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        return find(probe) ? probe.location() : null;
    }

    @Override
    public boolean find(IndexProbe probe) {
        while (true) {
            Generations generations = state.generations();
            ReaderSlots.Slot slot = generations.enter();
            try {
                if (state.generations() == generations) {
                    boolean found = generations.find(probe);
                    // An old map is not kept up to date once the migration is over.
                    if (!generations.isMigrating() || state.generations() == generations) {
                        return found;
                    }
                }
            } finally {
                slot.taken = false;
            }
        }
    }

    @Override
    public boolean put(IndexProbe probe) throws IOException {
        return store(probe, false);
    }

    @Override
    public void requireRoom(IndexProbe probe) throws IOException {
        Throwable cause = growth.refusedLately();
        if (cause != null && !find(probe)) {
            throw growth.full(cause);
        }
    }

    @Override
    public @Nullable Location putIfAbsent(KeyHash key, Location location) throws IOException {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        probe.found(location);
        return store(probe, true) ? probe.location() : null;
    }

    @Override
    public boolean replaceIfEqual(KeyHash key, Location expected, Location replacement) throws IOException {
        Stripe stripe = state.stripeOf(key);
        while (true) {
            Generations generations;
            StackRoom.require();
            stripe.lock();
            try {
                generations = state.generations();
                return generations.replace(key, expected, replacement);
            } catch (NoRoomException full) {
                generations = state.generations();
            } finally {
                stripe.unlock();
            }
            growth.awaitRoom(generations);
        }
    }

    @Override
    public boolean removeIfEqual(KeyHash key, Location expected) {
        Stripe stripe = state.stripeOf(key);
        StackRoom.require();
        stripe.lock();
        try {
            boolean removed = state.generations().remove(key, expected);
            if (removed) {
                stripe.removed();
            }
            return removed;
        } finally {
            stripe.unlock();
        }
    }

    @Override
    public long size() {
        return state.keys();
    }

    @Override
    public long fileBytes() {
        IndexMigration migration = growth.migration();
        return state.fileBytes() + (migration == null ? 0 : migration.allocatedBytes());
    }

    /** The whole of the next map, and a little more, for it is there beside the present one until all entries are moved. */
    @Override
    public long growthBytes() {
        long keys = state.keys();
        IndexMigration migration = growth.migration();
        if (state.fileBytes() > keys * GROWING_BYTES_PER_KEY) {
            return 0;
        }
        long next = IndexGeometry.capacityOfGrowthFrom(keys) * GROWING_BYTES_PER_KEY;
        return Math.max(0, next - (migration == null ? 0 : migration.allocatedBytes()));
    }

    @Override
    public Cursor cursor() {
        while (true) {
            Generations generations = state.generations();
            generations.requireOpen();
            if (!generations.isMigrating()) {
                ReaderSlots.Slot slot = generations.enter();
                try {
                    if (state.generations() == generations) {
                        return new IndexCursor(state, this, generations.current());
                    }
                } finally {
                    slot.taken = false;
                }
            } else {
                // Two maps cannot be visited without visiting some keys twice.
                growth.awaitOneMap(generations);
            }
        }
    }

    @Override
    public String closeForReopening() throws IOException {
        try {
            growth.finish();
        } finally {
            state.closeAll();
        }
        Generations generations = state.generations();
        if (generations.isMigrating()) {
            throw new IOException("the index in " + state.directory() + " is spread over two files");
        }
        IndexSeal.append(generations.current().path());
        force(generations.current().path(), StandardOpenOption.WRITE);
        forceDirectory();
        return generations.current().name().text();
    }

    @Override
    public void close() {
        growth.cancel();
        state.closeAll();
    }

    /** Whether the key was present; the probe then gets the location that it had. */
    private boolean store(IndexProbe probe, boolean onlyIfAbsent) throws IOException {
        Stripe stripe = state.stripeOf(probe.high(), probe.low());
        while (true) {
            Generations generations;
            StackRoom.require();
            stripe.lock();
            try {
                generations = state.generations();
                if (generations.put(probe, onlyIfAbsent)) {
                    return true;
                }
                stripe.added(1);
                if ((stripe.keys() & GROWTH_CHECK_MASK) != 0) {
                    return false;
                }
                break;
            } catch (NoRoomException full) {
                generations = state.generations();
            } finally {
                stripe.unlock();
            }
            growth.awaitRoom(generations);
        }
        growth.added();
        return false;
    }

    private void forceDirectory() throws IOException {
        try {
            force(state.directory(), StandardOpenOption.READ);
        } catch (AccessDeniedException e) {
            // Windows opens no directories, and needs none forced.
            if (File.separatorChar == '/') {
                throw e;
            }
        }
    }

    private static void force(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            IndexFile.makeUninterruptible(channel);
            channel.force(true);
        }
    }
}
