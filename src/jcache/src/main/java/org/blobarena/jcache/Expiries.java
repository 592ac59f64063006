package org.blobarena.jcache;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When entries expire, in milliseconds since 1970. A policy that throws leaves the moment as it is; a new entry then
 * never expires.
 *
 * <p>A use that prolongs the life of an entry has to be written, with the whole entry. That is done only if it prolongs
 * it by more than a {@value #SHARE}th of the time that the policy says; until then the entry keeps its moment. So an entry
 * goes by this much too early at most, and never too late, and is written that many times at most in the time to expiry.
 */
final class Expiries {

    /** The moment of what never expires. */
    static final long NEVER = Long.MAX_VALUE;

    /** Stands for the moment that an entry has already. */
    static final long AS_IT_IS = Long.MIN_VALUE;

    static final int SHARE = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Expiries.class);

    private final ExpiryPolicy policy;
    private final InstantSource clock;
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    Expiries(ExpiryPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    long now() {
        return clock.millis();
    }

    long atCreation() {
        long moment = moment(policy::getExpiryForCreation);
        return moment == AS_IT_IS ? NEVER : moment;
    }

    /** Returns the moment of an entry that is updated, or {@link #AS_IT_IS}. */
    long atUpdate() {
        return moment(policy::getExpiryForUpdate);
    }

    /** Returns the moment of an entry that is used, or {@link #AS_IT_IS}. */
    long atAccess() {
        return moment(policy::getExpiryForAccess);
    }

    private long moment(Supplier<@Nullable Duration> asked) {
        Duration duration;
        try {
            duration = asked.get();
        } catch (RuntimeException e) {
            if (hasFailed.compareAndSet(false, true)) {
                LOG.warn(
                        "a policy of expiry failed, and counts as not changing it; if it fails again, nothing is said",
                        e);
            }
            return AS_IT_IS;
        }
        return duration == null ? AS_IT_IS : moment(duration);
    }

    private long moment(Duration duration) {
        if (duration.isEternal()) {
            return NEVER;
        }
        long now = now();
        long millis = duration.getTimeUnit().toMillis(duration.getDurationAmount());
        return millis > NEVER - now ? NEVER : now + millis;
    }

    /** Whether an entry that was used is to be written, or removed, for its new moment. */
    boolean isWorthWriting(long old, long moment) {
        if (moment == AS_IT_IS || moment == old) {
            return false;
        }
        return moment < old || moment == NEVER || moment - old > (moment - now()) / SHARE;
    }

    ExpiryPolicy policy() {
        return policy;
    }
}
