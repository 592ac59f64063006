package org.blobarena.store.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test sets. Safe from any thread. */
public final class TestClock implements InstantSource {

    private final AtomicLong millis = new AtomicLong(1_000_000_000_000L);
    private final AtomicLong askedCount = new AtomicLong();

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public long millis() {
        askedCount.incrementAndGet();
        return millis.get();
    }

    /** How often it was asked. */
    public long askedCount() {
        return askedCount.get();
    }

    /** Goes on, or back. */
    public void advance(long byMillis) {
        millis.addAndGet(byMillis);
    }

    /** Goes on. */
    public void advance(Duration by) {
        advance(by.toMillis());
    }
}
