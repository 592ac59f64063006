package org.blobarena.store.crash;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.StoreAccess;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;

/**
 * What the threads of a process do to a store before it is killed, step by step, so that whoever knows the seed
 * and the number of steps that were acknowledged knows everything.
 *
 * @param seed of all rounds on one store
 * @param round of the process
 */
record KillScript(long seed, int round) {

    static final int THREADS = 3;

    /** A thread reports its steps when it has taken so many, or fewer. */
    static final int UNREPORTED_MAX = 8;

    /** Keys of each thread, which the first round puts one after the other. */
    static final int OWN_KEYS = 4000;

    /** So many steps of a first round bring the index near its first growth. */
    static final int GROWTH_STEPS = 9000;

    private static final int FOREVER = Integer.MAX_VALUE;
    private static final int SHARED_KEYS = 40;
    private static final int HEADER_BYTES = 16;

    /** Blobs that are streamed and longer go to files of their own; so do arrays of more than four times as much. */
    private static final int STREAM_MEMORY_BYTES = 2000;

    /** How a blob is put. */
    enum Way {
        ARRAY,
        STREAM,
        BATCH,
        COMPRESSED,
        COMPRESSED_STREAM
    }

    /** What a step does. */
    enum Kind {
        PUT,
        REMOVE,
        FORCE
    }

    /**
     * One step.
     *
     * @param kind what it does
     * @param key to what, unless it is a force
     * @param way of a put
     * @param durability how; a removal is at least written, since one that finds the removal of another done writes
     *     nothing
     * @param lastRound in which the blob of a put is present; less than this round if it expires at once
     */
    record Step(Kind kind, String key, Way way, Durability durability, int lastRound) {

        /** When its blob expires. */
        Expiry expiry() {
            return lastRound == FOREVER ? Expiry.never() : Expiry.at(momentOf(lastRound + 1));
        }
    }

    /** The options with which all processes open the store: files roll, and the index grows, within few rounds. */
    BlobStoreBuilder<String> options() {
        // With so few dead bytes allowed, compaction hardly ever rests.
        return StoreAccess.streamMemoryBytes(
                        BlobStore.builder(KeyCodec.utf8())
                                .arenaBytesMax(256 * 1024)
                                .bufferBytes(16 * 1024),
                        STREAM_MEMORY_BYTES)
                .maxDeadShare(0.1)
                .clock(() -> momentOf(round));
    }

    /** The time at which a round takes place: its clock stands still. */
    private static Instant momentOf(int ofRound) {
        return Instant.ofEpochSecond(1_000_000_000L + ofRound);
    }

    /** Whether the step that has put a blob, in this round or before, has let it expire by now. */
    boolean isExpired(byte[] blob) {
        return scriptOf(blob).step(threadOf(blob), numberOf(blob)).lastRound < round;
    }

    Step step(int thread, int number) {
        SplittableRandom random = random(thread, number);
        if (round == 0 && number < OWN_KEYS) {
            Durability durability = random.nextBoolean() ? Durability.BUFFERED : Durability.WRITTEN;
            return new Step(Kind.PUT, ownKey(thread, number), Way.ARRAY, durability, FOREVER);
        }
        int choice = random.nextInt(1000);
        if (choice == 0) {
            return new Step(Kind.FORCE, "", Way.ARRAY, Durability.FORCED, FOREVER);
        }
        Kind kind = choice < 200 ? Kind.REMOVE : Kind.PUT;
        String key;
        if (random.nextInt(8) == 0) {
            key = "shared-" + random.nextInt(SHARED_KEYS);
        } else {
            key = ownKey(thread, random.nextInt(OWN_KEYS));
        }
        int level = random.nextInt(300);
        Durability durability = level == 0 ? Durability.FORCED : Durability.WRITTEN;
        Way[] ways = Way.values();
        Way way = random.nextBoolean() ? Way.ARRAY : ways[random.nextInt(ways.length)];
        int lastRound = random.nextInt(3) == 0 ? round - 1 + random.nextInt(4) : FOREVER;
        return new Step(kind, key, way, kind == Kind.PUT && level > 200 ? Durability.BUFFERED : durability, lastRound);
    }

    /** The blob that a step puts. It names the step; some are larger than the write buffer, some can be compressed. */
    byte[] blob(int thread, int number) {
        SplittableRandom random = random(thread, ~number);
        int choice = random.nextInt(500);
        int bytes = choice == 0 ? 150_000 : choice < 10 ? 12_000 : 80;
        byte[] noise = new byte[HEADER_BYTES + random.nextInt(bytes)];
        new Random(random.nextLong()).nextBytes(noise);
        byte[] blob = Arrays.copyOf(noise, random.nextBoolean() ? noise.length : 2 * noise.length / 3 + HEADER_BYTES);
        if (random.nextBoolean()) {
            Arrays.fill(blob, blob.length / 2, blob.length, (byte) number);
        }
        ByteBuffer.wrap(blob).putInt(round).putInt(thread).putInt(number);
        return blob;
    }

    /** The script whose step has put a blob. */
    KillScript scriptOf(byte[] blob) {
        return new KillScript(seed, ByteBuffer.wrap(blob).getInt(0));
    }

    static int threadOf(byte[] blob) {
        return ByteBuffer.wrap(blob).getInt(4);
    }

    static int numberOf(byte[] blob) {
        return ByteBuffer.wrap(blob).getInt(8);
    }

    private static String ownKey(int thread, int number) {
        return "own-" + thread + "-" + number;
    }

    private SplittableRandom random(int thread, int number) {
        long mixed = seed * 31 + round;
        return new SplittableRandom(new SplittableRandom(mixed * 31 + thread).nextLong() + number);
    }
}
