package org.blobarena.index.table;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.StackRoom;
import org.blobarena.index.DamagedIndexException;
import org.blobarena.index.IndexProbe;
import org.jspecify.annotations.Nullable;

/**
 * All keys whose hashes begin with the same bits: the lock of those who change them, and the version by which readers see
 * that something was changed under them.
 *
 * <p>The version is even while nothing is changed. It is odd during a change; from the time that the segment was split; and
 * until the content of a file was verified. A reader keeps what it has found only if the version was even before and the
 * same after. The package says why that is enough.
 *
 * <p>Who changes something holds the lock, and has made sure of its stack before. Nothing is waited for and no memory is
 * needed while the version is odd.
 */
final class Segment extends SegmentLock {

    /** What a look-up came to. */
    enum Outcome {
        FOUND,
        ABSENT,
        /** The segment was split: another one has its keys. */
        RETIRED
    }

    private static final VarHandle VERSION;

    private static final int RETIRED = -1;
    private static final int UNVERIFIED = -3;
    private static final int DAMAGED = -5;

    /** Of stack, for a change of one entry and for letting go of the lock. */
    private static final int STACK_BYTES = 2400;

    /** So often does a reader look again, before it takes the lock to be sure of its turn. */
    private static final int ATTEMPTS = 64;

    static {
        try {
            VERSION = MethodHandles.lookup().findVarHandle(Segment.class, "version", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int prefix;
    private final int depth;
    private final TableFile file;
    private final int spread;

    /** What the content of the file must have; of no use once it was verified. */
    private final int checksum;

    private volatile Slots slots;
    private volatile int version;
    private int count;

    private Segment(TableFile file, int prefix, int depth, Slots slots, int count, int checksum, int version) {
        this.file = file;
        this.prefix = prefix;
        this.depth = depth;
        this.spread = TableGrowth.spread(prefix, depth);
        this.slots = slots;
        this.count = count;
        this.checksum = checksum;
        // The first time, the JVM links these two, for which there might be neither memory nor stack in the middle of a
        // change.
        end(begin());
        this.version = version;
    }

    /** Returns a segment of entries that this process has written. */
    static Segment of(TableFile file, int prefix, int depth, Slots slots, int count) {
        return new Segment(file, prefix, depth, slots, count, 0, 0);
    }

    /** Returns a segment of a file; its content is verified when it is first needed. */
    static Segment unverified(TableFile file, int prefix, int depth, Slots slots, int count, int checksum) {
        return new Segment(file, prefix, depth, slots, count, checksum, UNVERIFIED);
    }

    /** Returns how many bits all its hashes begin with. */
    int depth() {
        return depth;
    }

    /** Returns the bits that all its hashes begin with. */
    int prefix() {
        return prefix;
    }

    /** Returns where among its like it stands; see {@link TableGrowth#spread}. */
    int spread() {
        return spread;
    }

    /** Returns the number of its keys; the last one when nobody writes. */
    int count() {
        return count;
    }

    // ---- for readers

    /** Looks a key up. */
    Outcome find(IndexProbe probe) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int before = version;
            if ((before & 1) == 0) {
                boolean found = slots.find(probe);
                // Before the version is read again, all that was read must have been.
                VarHandle.loadLoadFence();
                if (version == before) {
                    return found ? Outcome.FOUND : Outcome.ABSENT;
                }
            } else if (before == RETIRED) {
                return Outcome.RETIRED;
            } else if (before < 0) {
                break;
            }
            Thread.onSpinWait();
        }
        return findAlone(probe);
    }

    private Outcome findAlone(IndexProbe probe) {
        enter();
        try {
            if (isRetired()) {
                return Outcome.RETIRED;
            }
            return slots.find(probe) ? Outcome.FOUND : Outcome.ABSENT;
        } finally {
            unlock();
        }
    }

    // ---- for those who hold the lock

    /**
     * Takes the lock, and sees to it that the content may be used.
     *
     * @throws DamagedIndexException if it is not what was written; the lock is not held then
     */
    void enter() {
        StackRoom.require(STACK_BYTES);
        lock();
        boolean usable = false;
        try {
            verify();
            usable = true;
        } finally {
            if (!usable) {
                unlock();
            }
        }
    }

    /**
     * Sees to it that the content may be used, or that the segment is retired; takes the lock only where that is not known.
     *
     * @throws DamagedIndexException if it is not what was written
     */
    void requireUsable() {
        if ((version & 1) != 0) {
            enter();
            unlock();
        }
    }

    private void verify() {
        int present = version;
        if (present == UNVERIFIED) {
            present = isAsWritten() ? 0 : DAMAGED;
            version = present;
        }
        if (present == DAMAGED || (present > 0 && (present & 1) != 0)) {
            throw new DamagedIndexException(
                    file.toString(),
                    TableLayout.fileOffset(slots.blocks()[0].number()),
                    "the segment of the hashes that begin with " + prefix + " in " + depth
                            + " bits is damaged; the next opening of the store makes the index anew");
        }
    }

    private boolean isAsWritten() {
        try {
            Slots read = slots.read(file.handle());
            return read.checksum() == checksum && read.isSound(count, prefix, depth);
        } catch (IOException e) {
            return false; // What cannot be read is as good as damaged.
        }
    }

    boolean isRetired() {
        return version == RETIRED;
    }

    Slots slots() {
        return slots;
    }

    /** Returns whether one more key would make look-ups slower than they should be. */
    boolean isDue() {
        return count >= TableGrowth.limit(slots.count(), spread);
    }

    /** Returns whether one more key can be taken. */
    boolean hasRoom() {
        return count < TableGrowth.limitWithoutGrowth(slots.count());
    }

    void insert(int slot, IndexProbe probe) {
        int odd = begin();
        slots.insert(slot, probe);
        count++;
        end(odd);
    }

    /** Gives the key in a slot the location of a probe, which gets the one that the key had. */
    void replace(int slot, IndexProbe probe) {
        int odd = begin();
        slots.exchangeLocation(slot, probe);
        end(odd);
    }

    void replace(int slot, Location location) {
        int odd = begin();
        slots.setLocation(slot, location);
        end(odd);
    }

    void remove(int slot) {
        int odd = begin();
        slots.remove(slot);
        count--;
        end(odd);
    }

    /** Gives the segment another row of the same entries. The blocks of the old one may be used for something else afterwards. */
    void exchange(Slots longer) {
        int odd = begin();
        slots = longer;
        end(odd);
        VarHandle.fullFence();
    }

    /** Sends everybody to those who have the keys now. Its blocks may be used for something else afterwards. */
    void retire() {
        version = RETIRED;
        VarHandle.fullFence();
    }

    /** Returns the checksum for the file, or null if the content is damaged. */
    @Nullable Integer seal() {
        return switch (version) {
            case UNVERIFIED -> checksum;
            case DAMAGED -> null;
            default -> (version & 1) == 0 ? slots.checksum() : null;
        };
    }

    private int begin() {
        int odd = version + 1;
        VERSION.setOpaque(this, odd);
        // No part of the change may be seen before the odd version.
        VarHandle.storeStoreFence();
        return odd;
    }

    /** Not called when an Error came out of the change: it stays one that nobody believes. */
    private void end(int odd) {
        VERSION.setRelease(this, odd + 1 & Integer.MAX_VALUE);
    }
}
