package org.blobarena.index.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.jspecify.annotations.Nullable;

/** The index as a table of segments; see the package. */
final class TableLocationIndex implements LocationIndex {

    private final TableFile file;
    private final SegmentDirectory segments;
    private final TableGrowth growth;
    private volatile boolean closed;

    TableLocationIndex(TableFile file, SegmentDirectory segments, TableGrowth growth) {
        this.file = file;
        this.segments = segments;
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
            Segment.Outcome outcome = segments.segment(probe.high()).find(probe);
            if (outcome != Segment.Outcome.RETIRED) {
                return outcome == Segment.Outcome.FOUND;
            }
        }
    }

    @Override
    public boolean put(IndexProbe probe) throws IOException {
        return store(probe, false);
    }

    @Override
    public void requireRoom(IndexProbe probe) throws IOException {
        segments.segment(probe.high()).requireUsable();
        IOException refusal = growth.refusedLately();
        if (refusal != null && !find(probe)) {
            throw refusal;
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
    public boolean replaceIfEqual(KeyHash key, Location expected, Location replacement) {
        Segment segment = enter(key.high());
        try {
            int slot = segment.slots().slotOf(key.high(), key.low());
            boolean equal = slot >= 0 && segment.slots().hasLocation(slot, expected);
            if (equal) {
                segment.replace(slot, replacement);
            }
            return equal;
        } finally {
            segment.unlock();
        }
    }

    @Override
    public boolean removeIfEqual(KeyHash key, Location expected) {
        Segment segment = enter(key.high());
        try {
            int slot = segment.slots().slotOf(key.high(), key.low());
            boolean equal = slot >= 0 && segment.slots().hasLocation(slot, expected);
            if (equal) {
                segment.remove(slot);
            }
            return equal;
        } finally {
            segment.unlock();
        }
    }

    @Override
    public long size() {
        return segments.keys();
    }

    @Override
    public long fileBytes() {
        return file.fileBytes();
    }

    /** For one split, since each segment grows alone. */
    @Override
    public long growthBytes() {
        return file.bytesToTake(TableGrowth.SPLIT_BLOCKS_MAX);
    }

    @Override
    public Cursor cursor() {
        return new TableCursor(this);
    }

    @Override
    public String closeForReopening() throws IOException {
        requireOpen();
        closed = true;
        try (file) {
            TableFileName fresh = TableFileName.random();
            TableSeal.write(file, segments.segments(), fresh);
            file.rename(fresh);
            file.force();
            return file.name().text();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("index file " + file + " cannot be closed", e);
        }
    }

    /**
     * Returns the segment of a hash with its lock held.
     *
     * @throws IllegalStateException if the index is closed
     */
    Segment enter(long high) {
        requireOpen();
        while (true) {
            Segment segment = segments.segment(high);
            segment.enter();
            if (!segment.isRetired()) {
                return segment;
            }
            segment.unlock();
        }
    }

    /** Whether the key was present; the probe then gets the location that it had. */
    private boolean store(IndexProbe probe, boolean onlyIfAbsent) throws IOException {
        while (true) {
            Segment segment = enter(probe.high());
            try {
                Slots slots = segment.slots();
                int slot = slots.slotOf(probe.high(), probe.low());
                if (slot >= 0) {
                    if (onlyIfAbsent) {
                        slots.read(slot, probe);
                    } else {
                        segment.replace(slot, probe);
                    }
                    return true;
                }
                boolean fits = segment.hasRoom();
                if ((fits && !segment.isDue()) || !growth.grow(segment)) {
                    if (!fits) {
                        throw growth.refuse();
                    }
                    segment.insert(~slot, probe);
                    return false;
                }
            } finally {
                segment.unlock();
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("index file " + file + " is closed");
        }
    }
}
