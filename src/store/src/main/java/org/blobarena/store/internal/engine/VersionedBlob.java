package org.blobarena.store.internal.engine;

import java.util.Objects;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/** The blob that a key had when it was read, and the location of its record, by which a newer one is told. */
public final class VersionedBlob {

    private final @Nullable Location location;
    private final byte @Nullable [] payload;

    VersionedBlob(@Nullable Location location, byte @Nullable [] payload) {
        this.location = location;
        this.payload = payload;
    }

    /** Null when the key was absent, or its blob had expired. */
    public byte @Nullable [] payload() {
        return payload;
    }

    /** Whether a key that is there now, or absent when null, has the very record that was read. */
    public boolean isStill(@Nullable Location present) {
        return Objects.equals(location, present);
    }
}
