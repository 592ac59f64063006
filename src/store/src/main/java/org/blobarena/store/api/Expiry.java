package org.blobarena.store.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * When a blob expires. An expired blob is absent for every method, and compaction reclaims its bytes.
 *
 * <p>Moments have a precision of one millisecond; parts of it are dropped. Immutable, and safe for use by multiple threads.
 */
public final class Expiry {

    private static final Expiry NEVER = new Expiry(false, Long.MAX_VALUE);

    /** The greatest moment that is one. */
    private static final long MILLIS_MAX = Long.MAX_VALUE - 1;

    private final boolean relative;
    private final long millis;

    private Expiry(boolean relative, long millis) {
        this.relative = relative;
        this.millis = millis;
    }

    /**
     * Returns the expiry of a blob that stays until it is replaced or removed.
     *
     * @return the default
     */
    public static Expiry never() {
        return NEVER;
    }

    /**
     * Returns the expiry of a blob that is present for a time from the moment at which it is stored. A blob that is written
     * as a stream is stored when the stream ends.
     *
     * @param timeToLive the time, one millisecond or more
     * @return an expiry
     * @throws IllegalArgumentException if it is less than one millisecond
     */
    public static Expiry after(Duration timeToLive) {
        if (timeToLive.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("a time to live of " + timeToLive + " is less than one millisecond");
        }
        boolean forever = timeToLive.compareTo(Duration.ofMillis(MILLIS_MAX)) > 0;
        return new Expiry(true, forever ? MILLIS_MAX : timeToLive.toMillis());
    }

    /**
     * Returns the expiry of a blob that is present until a moment.
     *
     * @param moment the first moment at which it is absent; if it has passed, the blob is absent from the start, and replaces
     *     any earlier one
     * @return an expiry
     */
    public static Expiry at(Instant moment) {
        if (moment.compareTo(Instant.ofEpochMilli(MILLIS_MAX)) > 0) {
            return new Expiry(false, MILLIS_MAX);
        }
        boolean tooEarly = moment.compareTo(Instant.ofEpochMilli(Long.MIN_VALUE)) < 0;
        return new Expiry(false, tooEarly ? Long.MIN_VALUE : moment.toEpochMilli());
    }

    /**
     * Returns whether this is {@link #never}.
     *
     * @return true for a blob that does not expire
     */
    public boolean isNever() {
        return millis == Long.MAX_VALUE;
    }

    /**
     * Returns the first moment at which a blob is absent that is stored now.
     *
     * @param clock says what is now
     * @return milliseconds since the epoch, or {@link Long#MAX_VALUE} if and only if the blob does not expire
     */
    public long millisFrom(InstantSource clock) {
        if (!relative) {
            return millis;
        }
        long now = clock.millis();
        return now > MILLIS_MAX - millis ? MILLIS_MAX : now + millis;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Expiry expiry && relative == expiry.relative && millis == expiry.millis;
    }

    @Override
    public int hashCode() {
        return Boolean.hashCode(relative) * 31 + Long.hashCode(millis);
    }

    /** Returns a description for people. */
    @Override
    public String toString() {
        if (isNever()) {
            return "never";
        }
        return relative ? "after " + Duration.ofMillis(millis) : "at " + Instant.ofEpochMilli(millis);
    }
}
