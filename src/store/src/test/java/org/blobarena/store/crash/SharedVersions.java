package org.blobarena.store.crash;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.blobarena.store.testing.TestStores;

/**
 * What the keys of a store may have, in a file that several processes map: of each key the version whose write was begun last,
 * the one that was acknowledged last, and when the last ones expire. Every value is written by one thread, and seen in order on
 * every machine. A version says whether it is a removal, or a blob that expires, or one that stays.
 */
final class SharedVersions {

    static final int KEYS = 400;
    static final int BLOB_HEADER_BYTES = 2 * Long.BYTES;

    private static final int REMOVAL_ONE_IN = 5;
    private static final int EXPIRING_ONE_IN = 7;
    private static final int LONG_ONE_IN = 97;

    /** Of how many versions of a key it is known when they expire. */
    private static final int MOMENTS = 128;

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final MappedByteBuffer shared;

    SharedVersions(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, (2L + MOMENTS) * KEYS * Long.BYTES);
        }
    }

    static boolean isRemoval(long version) {
        return version % REMOVAL_ONE_IN == 0;
    }

    static boolean isExpiring(long version) {
        return version % EXPIRING_ONE_IN == 0 && !isRemoval(version);
    }

    /** The blob of a version: it names key and version, and the rest of it follows from both. */
    static byte[] blob(int key, long version) {
        int length = (int) ((version * 31 + key * 7L) % 3000);
        if (version % LONG_ONE_IN == 0) {
            length += 70_000;
        }
        byte[] blob = TestStores.blob(BLOB_HEADER_BYTES + length, version * KEYS + key);
        ByteBuffer.wrap(blob).putLong(key).putLong(version);
        return blob;
    }

    /** Returns the version that a blob is. */
    static long requireVersion(int key, byte[] blob) {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        long ofKey = bytes.getLong();
        long version = bytes.getLong();
        if (ofKey != key || !Arrays.equals(blob, blob(key, version))) {
            throw new AssertionError("key " + key + " has a blob that it never had, of key " + ofKey);
        }
        return version;
    }

    /**
     * Notes that a version is about to be written.
     *
     * @param moment when it expires
     */
    void begin(int key, long version, long moment) {
        set(2 * KEYS + momentOf(key, version), moment);
        set(key, version);
    }

    void setAcknowledged(int key, long version) {
        set(KEYS + key, version);
    }

    long begun(int key) {
        return get(key);
    }

    long[] acknowledged() {
        long[] all = new long[KEYS];
        Arrays.setAll(all, key -> get(KEYS + key));
        return all;
    }

    /** What was begun by now. */
    Begun begun() {
        long[] last = new long[KEYS];
        Arrays.setAll(last, this::get);
        long[] moments = new long[MOMENTS * KEYS];
        Arrays.setAll(moments, i -> get(2 * KEYS + i));
        return new Begun(last, moments);
    }

    private static int momentOf(int key, long version) {
        return key * MOMENTS + (int) (version % MOMENTS);
    }

    private long get(int at) {
        return (long) LONGS.getVolatile(shared, at * Long.BYTES);
    }

    private void set(int at, long value) {
        LONGS.setVolatile(shared, at * Long.BYTES, value);
    }

    /** The last versions that were begun at one moment. */
    static final class Begun {

        private final long[] last;
        private final long[] moments;

        private Begun(long[] last, long[] moments) {
            this.last = last;
            this.moments = moments;
        }

        boolean isExpired(int key, long version, long now) {
            return isExpiring(version) && moments[momentOf(key, version)] <= now;
        }

        /**
         * Checks what was found of a key.
         *
         * @param found a version, or 0 if the key was absent
         * @param least the oldest version that it may be
         * @param asked when it was asked for, in milliseconds
         * @return the oldest version that it can be, from now on
         */
        long requireAllowed(int key, long found, long least, long asked) {
            String allowed = ", and had versions " + least + " to " + last[key];
            if (found == 0) {
                long absent = firstAbsent(key, least, System.currentTimeMillis());
                if (absent < 0) {
                    throw new AssertionError("key " + key + " is absent" + allowed);
                }
                return absent;
            }
            if (found < least || found > last[key]) {
                throw new AssertionError("key " + key + " has version " + found + allowed);
            }
            if (isExpired(key, found, asked)) {
                throw new AssertionError("key " + key + " has version " + found + ", which had expired by " + asked);
            }
            return found;
        }

        /** The first version with which the key is absent, or -1. */
        private long firstAbsent(int key, long least, long now) {
            if (least == 0 || last[key] - least >= MOMENTS / 2) {
                return least;
            }
            for (long version = least; version <= last[key]; version++) {
                if (isRemoval(version) || isExpired(key, version, now)) {
                    return version;
                }
            }
            return -1;
        }
    }
}
