package org.blobarena.index.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments by the bits that their hashes begin with: as many places as the deepest of them has prefixes, each segment
 * in all places that begin with its own.
 *
 * <p>Readers take no lock. A split replaces one segment by two, and doubles the places before when there are too few. Who
 * has found a segment that is retired looks again, and so cannot go on with places that are out of date.
 */
final class SegmentDirectory {

    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Segment[].class);

    private volatile Places places;

    /** A power of two of places; {@code shift} takes a hash to the number of its place. */
    @SuppressWarnings("ArrayRecordComponent") // which nobody compares
    private record Places(Segment[] segments, int shift) {}

    /** @param segments in the order of their prefixes; they have every prefix once */
    SegmentDirectory(Segment[] segments, int depth) {
        Places all = new Places(new Segment[1 << depth], Long.SIZE - depth);
        for (Segment segment : segments) {
            put(all, segment);
        }
        places = all;
    }

    /** Returns the segment of a key, unless it was split this moment. */
    Segment segment(long high) {
        Places present = places;
        return (Segment) PLACE.getAcquire(present.segments, (int) (high >>> present.shift));
    }

    /** Makes sure that segments of a depth have places, so that {@link #split} needs no memory. */
    synchronized void deepen(int depth) {
        while (Long.SIZE - places.shift < depth) {
            Places present = places;
            Segment[] doubled = new Segment[present.segments.length * 2];
            for (int i = 0; i < doubled.length; i++) {
                doubled[i] = present.segments[i / 2];
            }
            places = new Places(doubled, present.shift - 1);
        }
    }

    /** Replaces a segment by two. */
    synchronized void split(Segment lower, Segment upper) {
        put(places, lower);
        put(places, upper);
    }

    /** Returns the number of keys; exact when nobody writes. */
    long keys() {
        Places present = places;
        int depth = Long.SIZE - present.shift;
        long keys = 0;
        for (int place = 0; place < present.segments.length; ) {
            Segment segment = (Segment) PLACE.getAcquire(present.segments, place);
            keys += segment.count();
            place += 1 << (depth - segment.depth());
        }
        return keys;
    }

    /** Returns every segment once, in the order of the prefixes, with nobody splitting any. */
    List<Segment> segments() {
        Places present = places;
        int depth = Long.SIZE - present.shift;
        List<Segment> segments = new ArrayList<>();
        for (int place = 0; place < present.segments.length; ) {
            Segment segment = (Segment) PLACE.getAcquire(present.segments, place);
            segments.add(segment);
            place += 1 << (depth - segment.depth());
        }
        return segments;
    }

    private static void put(Places places, Segment segment) {
        int spread = Long.SIZE - places.shift - segment.depth();
        int first = segment.prefix() << spread;
        for (int i = 0; i < 1 << spread; i++) {
            PLACE.setRelease(places.segments, first + i, segment);
        }
    }
}
