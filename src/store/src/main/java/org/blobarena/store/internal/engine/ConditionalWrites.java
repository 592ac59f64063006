package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.WriteOptions;
import org.jspecify.annotations.Nullable;

/**
 * Writes that depend on the blob that a key has.
 *
 * <p>What decides is the user's code, or compares large blobs, so it runs without the key's lock. The write is made
 * only if the key then has the very record that was read; else the new one is read and the decision made again. The blob that is to be
 * stored is compressed once, however often that happens, unless it is so long that it goes to a file of its own.
 */
public final class ConditionalWrites {

    private final StoreEngine engine;
    private final WriteOptions options;

    public ConditionalWrites(StoreEngine engine, WriteOptions options) {
        this.engine = engine;
        this.options = options;
    }

    /** How it went. */
    public static final class Outcome {

        private final boolean done;
        private final byte @Nullable [] before;

        Outcome(boolean done, byte @Nullable [] before) {
            this.done = done;
            this.before = before;
        }

        /** Returns whether the write was made. */
        public boolean isDone() {
            return done;
        }

        /** Returns the blob that the key had at that moment, null when it was absent. */
        public byte @Nullable [] before() {
            return before;
        }
    }

    /** Stores a blob if the condition, which may run several times, holds for the one that the key has. */
    public Outcome put(EncodedKey key, Predicate<byte @Nullable []> condition, byte[] blob) throws IOException {
        PreparedBlob prepared = new PreparedBlob(ByteBuffer.wrap(blob));
        while (true) {
            VersionedBlob current = engine.reads().current(key);
            if (!condition.test(current.payload())) {
                return new Outcome(false, current.payload());
            }
            if (engine.writes().putIf(key, current::isStill, prepared, options)) {
                return new Outcome(true, current.payload());
            }
        }
    }

    /** Removes a key if it is present and the condition, which may run several times, holds for its blob. */
    public Outcome remove(EncodedKey key, Predicate<byte[]> condition) throws IOException {
        while (true) {
            VersionedBlob current = engine.reads().current(key);
            byte[] payload = current.payload();
            if (payload == null || !condition.test(payload)) {
                return new Outcome(false, payload);
            }
            if (engine.writes().removeIf(key, current::isStill, options.durability())) {
                return new Outcome(true, payload);
            }
        }
    }
}
