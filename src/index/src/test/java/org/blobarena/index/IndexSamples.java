package org.blobarena.index;

import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/** Keys and locations that tell each other. */
public final class IndexSamples {

    private IndexSamples() {}

    public static KeyHash key(long number) {
        return new KeyHash(number * 0x9E37_79B9_7F4A_7C15L, ~number);
    }

    public static long number(KeyHash key) {
        return ~key.low();
    }

    /** A location from every part of which the key can be told, so that a torn one is seen. */
    public static Location location(long number, int version) {
        long unsignedNumber = number & 0xFFFF_FFFFL;
        long unsignedVersion = version & 0xFFFF_FFFFL;
        return new Location(unsignedNumber, unsignedVersion, (unsignedNumber * 31 + unsignedVersion) & 0xFFFF_FFFFL);
    }

    /** Whether a location is one of those that {@link #location} makes for a key. */
    public static boolean isLocationOf(long number, Location location) {
        return location.equals(location(number, (int) location.offset()));
    }

    /** What a probe finds, or null. */
    public static @Nullable Location found(LocationIndex index, KeyHash key) {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        return index.find(probe) ? probe.location() : null;
    }

    /** A key to be given a location. */
    public static IndexProbe probe(KeyHash key, Location location) {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        probe.found(location);
        return probe;
    }
}
