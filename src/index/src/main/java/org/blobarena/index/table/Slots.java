package org.blobarena.index.table;

import static org.blobarena.index.table.TableLayout.BLOCK_BYTES;
import static org.blobarena.index.table.TableLayout.BLOCK_GROUPS;
import static org.blobarena.index.table.TableLayout.BLOCK_GROUPS_LOG;
import static org.blobarena.index.table.TableLayout.BLOCK_SLOTS;
import static org.blobarena.index.table.TableLayout.ENTRY_BYTES;
import static org.blobarena.index.table.TableLayout.ENTRY_FILE_INDEX_OFFSET;
import static org.blobarena.index.table.TableLayout.ENTRY_HIGH_OFFSET;
import static org.blobarena.index.table.TableLayout.ENTRY_LENGTH_OFFSET;
import static org.blobarena.index.table.TableLayout.ENTRY_LOW_OFFSET;
import static org.blobarena.index.table.TableLayout.ENTRY_OFFSET_OFFSET;
import static org.blobarena.index.table.TableLayout.GROUP_BYTES;
import static org.blobarena.index.table.TableLayout.GROUP_FINGERPRINTS_BYTES;
import static org.blobarena.index.table.TableLayout.GROUP_SLOTS;
import static org.blobarena.index.table.TableLayout.GROUP_SLOTS_LOG;
import static org.blobarena.index.table.TableLayout.NO_FINGERPRINT;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.index.IndexProbe;

/**
 * The slots of one segment, in several blocks of mapped memory, as if they were one row of groups that goes round.
 *
 * <p>A key stands in its home group, or in the first after it that had a free slot. The used slots of a group are its first; so
 * a group is full if its last slot is used. Between an entry and its home all groups are full, so a key is known to be absent
 * where a group is not. When an entry is removed from a full group, one that had to pass that group by takes its place.
 *
 * <p>All fingerprints of a group are compared at once, without a branch. Whether one of them is equal is nearly always as
 * expected, so the processor goes on with what follows while the line is still on its way from memory. A loop over the slots
 * would make it wait for each line, as it cannot guess where the loop ends.
 *
 * <p>Which slots there are never changes. Their content is guarded by the {@link Segment}: for its readers every method
 * that changes nothing ends and stays within the blocks, whatever is changed meanwhile.
 */
final class Slots {

    private static final int LAST_FINGERPRINT_OFFSET = GROUP_FINGERPRINTS_BYTES - 1;
    private static final int SECOND_HALF_OFFSET = GROUP_FINGERPRINTS_BYTES / 2;
    private static final int HALF_SLOTS = GROUP_SLOTS / 2;

    private static final long EVERY_BYTE = 0x0101_0101_0101_0101L;
    private static final long TOP_BITS = EVERY_BYTE << (Byte.SIZE - 1);

    private final Block[] blocks;
    private final ByteBuffer[] buffers;
    private final int[] starts;
    private final int groups;

    /** A block of a file in memory. */
    record Block(int number, ByteBuffer buffer, int start) {

        /** Frees all its slots. */
        void clear() {
            for (int group = 0; group < BLOCK_GROUPS; group++) {
                for (int at = 0; at < GROUP_FINGERPRINTS_BYTES; at += Long.BYTES) {
                    buffer.putLong(start + group * GROUP_BYTES + at, 0);
                }
            }
        }
    }

    /** @param blocks one or more, of which nobody else changes anything */
    Slots(Block[] blocks) {
        this.blocks = blocks;
        this.buffers = Arrays.stream(blocks).map(Block::buffer).toArray(ByteBuffer[]::new);
        this.starts = Arrays.stream(blocks).mapToInt(Block::start).toArray();
        this.groups = blocks.length * BLOCK_GROUPS;
    }

    /** Returns how many slots so many blocks have. */
    static int count(int blocks) {
        return blocks * BLOCK_SLOTS;
    }

    Block[] blocks() {
        return blocks;
    }

    /** Returns how many slots there are, free ones too. */
    int count() {
        return groups * GROUP_SLOTS;
    }

    /**
     * Returns what the file has of this row, in memory of its own. A file that is shorter than it was, or a page that cannot be
     * read, would end the JVM where it is mapped; here it is an exception.
     *
     * @throws IOException if the blocks cannot be read whole
     */
    Slots read(FileHandle handle) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(blocks.length * BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Block[] copies = new Block[blocks.length];
        for (int i = 0; i < blocks.length; i++) {
            int number = blocks[i].number;
            int start = i * BLOCK_BYTES;
            if (handle.read(bytes.slice(start, BLOCK_BYTES), TableLayout.fileOffset(number)) < BLOCK_BYTES) {
                throw new EOFException(handle + " ends in block " + number);
            }
            copies[i] = new Block(number, bytes, start);
        }
        return new Slots(copies);
    }

    // ---- for readers

    /** Looks a key up; see {@link org.blobarena.index.LocationIndex#find}. */
    boolean find(IndexProbe probe) {
        long high = probe.high();
        long low = probe.low();
        long fingerprints = TableLayout.fingerprint(low) * EVERY_BYTE;
        int group = TableLayout.home(high, groups);
        for (int passed = 0; passed < groups; passed++) {
            ByteBuffer buffer = buffers[group >>> BLOCK_GROUPS_LOG];
            int start = groupStart(group);
            long second = buffer.getLong(start + SECOND_HALF_OFFSET);
            long lanes = lanes(buffer.getLong(start) ^ fingerprints, second ^ fingerprints);
            for (; lanes != 0; lanes &= lanes - 1) {
                int entry = start + GROUP_FINGERPRINTS_BYTES + firstLane(lanes) * ENTRY_BYTES;
                if (hasKey(buffer, entry, high, low)) {
                    readLocation(buffer, entry, probe);
                    return true;
                }
            }
            if (!isFull(second)) {
                return false;
            }
            group = next(group);
        }
        return false;
    }

    /** Returns a bit for each byte that is zero, in two times eight; see {@link #firstLane}. */
    private static long lanes(long first, long second) {
        return (zeros(first) >>> 1) | zeros(second);
    }

    /** Returns the top bits of the bytes that are zero: in all others the sum carries into it, or it was set before. */
    private static long zeros(long bytes) {
        return ~(((bytes & ~TOP_BITS) + ~TOP_BITS) | bytes) & TOP_BITS;
    }

    /** Returns which slot of its group the lowest bit of {@link #lanes} stands for, of one or more. */
    private static int firstLane(long lanes) {
        int bit = Long.numberOfTrailingZeros(lanes);
        return bit / Byte.SIZE + (bit & 1) * HALF_SLOTS;
    }

    /** @param second the fingerprints of the second half of the group */
    private static boolean isFull(long second) {
        return second >>> (Long.SIZE - Byte.SIZE) != NO_FINGERPRINT;
    }

    private static boolean hasKey(ByteBuffer buffer, int entry, long high, long low) {
        return buffer.getLong(entry + ENTRY_HIGH_OFFSET) == high && buffer.getLong(entry + ENTRY_LOW_OFFSET) == low;
    }

    /**
     * Returns the slot of a key, or, when it is absent, the complement of the one in which it belongs. That is beyond the last
     * if none is free.
     */
    int slotOf(long high, long low) {
        long fingerprints = TableLayout.fingerprint(low) * EVERY_BYTE;
        int group = TableLayout.home(high, groups);
        for (int passed = 0; passed < groups; passed++) {
            ByteBuffer buffer = buffers[group >>> BLOCK_GROUPS_LOG];
            int start = groupStart(group);
            long first = buffer.getLong(start);
            long second = buffer.getLong(start + SECOND_HALF_OFFSET);
            long lanes = lanes(first ^ fingerprints, second ^ fingerprints);
            for (; lanes != 0; lanes &= lanes - 1) {
                int lane = firstLane(lanes);
                if (hasKey(buffer, start + GROUP_FINGERPRINTS_BYTES + lane * ENTRY_BYTES, high, low)) {
                    return group * GROUP_SLOTS + lane;
                }
            }
            if (!isFull(second)) {
                return ~(group * GROUP_SLOTS + used(first, second));
            }
            group = next(group);
        }
        return ~count();
    }

    // ---- for the holder of the segment's lock

    /** Puts an entry in the slot in which it belongs. */
    void insert(int slot, IndexProbe probe) {
        ByteBuffer buffer = buffer(slot);
        int entry = entry(slot);
        setFingerprint(slot, TableLayout.fingerprint(probe.low()));
        buffer.putLong(entry + ENTRY_HIGH_OFFSET, probe.high());
        buffer.putLong(entry + ENTRY_LOW_OFFSET, probe.low());
        writeLocation(buffer, entry, probe.fileIndex(), probe.offset(), probe.length());
    }

    /** Removes the entry in a slot. */
    void remove(int slot) {
        int hole = slot;
        for (int other = passing(group(hole)); other >= 0; other = passing(group(hole))) {
            copy(other, this, hole);
            hole = other;
        }
        int last = group(hole) * GROUP_SLOTS + used(group(hole)) - 1;
        if (last != hole) {
            copy(last, this, hole);
        }
        setFingerprint(last, NO_FINGERPRINT);
    }

    /** Returns the slot of an entry that stands after a group because that was full, or -1 if there is none. */
    private int passing(int passed) {
        int full = passed;
        while (isFull(full)) {
            int group = next(full);
            if (group == passed) {
                break; // Every group is full.
            }
            for (int slot = group * GROUP_SLOTS; slot < (group + 1) * GROUP_SLOTS; slot++) {
                if (isUsed(slot) && distance(TableLayout.home(high(slot), groups), group) >= distance(passed, group)) {
                    return slot;
                }
            }
            full = group;
        }
        return -1;
    }

    /** Returns how many steps lead from a group to another. */
    private int distance(int from, int to) {
        int distance = to - from;
        return distance < 0 ? distance + groups : distance;
    }

    Location location(int slot) {
        IndexProbe probe = new IndexProbe();
        read(slot, probe);
        return probe.location();
    }

    /** Gives a probe the location in a slot. */
    void read(int slot, IndexProbe probe) {
        readLocation(buffer(slot), entry(slot), probe);
    }

    private static void readLocation(ByteBuffer buffer, int entry, IndexProbe probe) {
        probe.found(
                Integer.toUnsignedLong(buffer.getInt(entry + ENTRY_FILE_INDEX_OFFSET)),
                Integer.toUnsignedLong(buffer.getInt(entry + ENTRY_OFFSET_OFFSET)),
                Integer.toUnsignedLong(buffer.getInt(entry + ENTRY_LENGTH_OFFSET)));
    }

    boolean hasLocation(int slot, Location location) {
        ByteBuffer buffer = buffer(slot);
        int entry = entry(slot);
        return buffer.getInt(entry + ENTRY_FILE_INDEX_OFFSET) == (int) location.fileIndex()
                && buffer.getInt(entry + ENTRY_OFFSET_OFFSET) == (int) location.offset()
                && buffer.getInt(entry + ENTRY_LENGTH_OFFSET) == (int) location.length();
    }

    void setLocation(int slot, Location location) {
        writeLocation(buffer(slot), entry(slot), location.fileIndex(), location.offset(), location.length());
    }

    /** Puts the location of a probe in a slot, and gives the probe the one that was there. */
    void exchangeLocation(int slot, IndexProbe probe) {
        ByteBuffer buffer = buffer(slot);
        int entry = entry(slot);
        long fileIndex = probe.fileIndex();
        long offset = probe.offset();
        long length = probe.length();
        readLocation(buffer, entry, probe);
        writeLocation(buffer, entry, fileIndex, offset, length);
    }

    private static void writeLocation(ByteBuffer buffer, int entry, long fileIndex, long offset, long length) {
        buffer.putInt(entry + ENTRY_FILE_INDEX_OFFSET, (int) fileIndex);
        buffer.putInt(entry + ENTRY_OFFSET_OFFSET, (int) offset);
        buffer.putInt(entry + ENTRY_LENGTH_OFFSET, (int) length);
    }

    // ---- growth

    /** Counts the entries whose hash has a bit set. */
    int countWith(long bit) {
        int count = 0;
        for (int slot = 0; slot < count(); slot++) {
            if (isUsed(slot) && (high(slot) & bit) != 0) {
                count++;
            }
        }
        return count;
    }

    /**
     * Copies the entries whose hash has some bits into another row, which has room for them.
     *
     * @param mask for the high half
     * @param bits what the hash is under the mask
     */
    void copyTo(Slots target, long mask, long bits) {
        for (int slot = 0; slot < count(); slot++) {
            if (isUsed(slot)) {
                long high = high(slot);
                if ((high & mask) == bits) {
                    copy(slot, target, target.free(high));
                }
            }
        }
    }

    /** Returns the slot in which an absent key belongs. */
    private int free(long high) {
        int group = TableLayout.home(high, groups);
        while (isFull(group)) {
            group = next(group);
        }
        return group * GROUP_SLOTS + used(group);
    }

    // ---- the whole row

    /** Receives entries. */
    @FunctionalInterface
    interface Receiver {
        void entry(int slot, long high, long low);
    }

    /** Hands all entries to a receiver, in no order. */
    void forEach(Receiver receiver) {
        for (int slot = 0; slot < count(); slot++) {
            if (isUsed(slot)) {
                receiver.entry(slot, high(slot), low(slot));
            }
        }
    }

    /** Returns whether so many entries stand where they are looked for, and all of them belong to a segment. */
    boolean isSound(int count, int prefix, int depth) {
        int found = 0;
        for (int slot = 0; slot < count(); slot++) {
            if (isUsed(slot)) {
                // A key that stands there twice is found in one place alone, and one with another fingerprint in none.
                if (slot % GROUP_SLOTS >= used(group(slot))
                        || TableLayout.prefix(high(slot), depth) != prefix
                        || slotOf(high(slot), low(slot)) != slot) {
                    return false;
                }
                found++;
            }
        }
        return found == count;
    }

    /** Returns the checksum of all blocks. */
    int checksum() {
        CRC32C checksum = new CRC32C();
        for (Block block : blocks) {
            checksum.update(block.buffer.slice(block.start, BLOCK_BYTES));
        }
        return (int) checksum.getValue();
    }

    // ---- slots and groups

    private void copy(int from, Slots target, int to) {
        ByteBuffer source = buffer(from);
        int entry = entry(from);
        ByteBuffer sink = target.buffer(to);
        int copied = target.entry(to);
        target.setFingerprint(to, source.get(fingerprintOffset(from)));
        sink.putLong(copied, source.getLong(entry));
        sink.putLong(copied + Long.BYTES, source.getLong(entry + Long.BYTES));
        sink.putLong(copied + 2 * Long.BYTES, source.getLong(entry + 2 * Long.BYTES));
        sink.putInt(copied + 3 * Long.BYTES, source.getInt(entry + 3 * Long.BYTES));
    }

    /** Returns how many slots of a group are used: its first ones. */
    private int used(int group) {
        ByteBuffer buffer = buffers[group >>> BLOCK_GROUPS_LOG];
        int start = groupStart(group);
        return used(buffer.getLong(start), buffer.getLong(start + SECOND_HALF_OFFSET));
    }

    private static int used(long first, long second) {
        return GROUP_SLOTS - Long.bitCount(lanes(first, second));
    }

    private boolean isFull(int group) {
        return buffers[group >>> BLOCK_GROUPS_LOG].get(groupStart(group) + LAST_FINGERPRINT_OFFSET) != NO_FINGERPRINT;
    }

    private int next(int group) {
        return group + 1 == groups ? 0 : group + 1;
    }

    private static int group(int slot) {
        return slot >>> GROUP_SLOTS_LOG;
    }

    private boolean isUsed(int slot) {
        return buffer(slot).get(fingerprintOffset(slot)) != NO_FINGERPRINT;
    }

    private long high(int slot) {
        return buffer(slot).getLong(entry(slot) + ENTRY_HIGH_OFFSET);
    }

    private long low(int slot) {
        return buffer(slot).getLong(entry(slot) + ENTRY_LOW_OFFSET);
    }

    private void setFingerprint(int slot, int fingerprint) {
        buffer(slot).put(fingerprintOffset(slot), (byte) fingerprint);
    }

    private ByteBuffer buffer(int slot) {
        return buffers[slot >>> (GROUP_SLOTS_LOG + BLOCK_GROUPS_LOG)];
    }

    private int groupStart(int group) {
        return starts[group >>> BLOCK_GROUPS_LOG] + (group & (BLOCK_GROUPS - 1)) * GROUP_BYTES;
    }

    private int fingerprintOffset(int slot) {
        return groupStart(group(slot)) + (slot & (GROUP_SLOTS - 1));
    }

    private int entry(int slot) {
        return groupStart(group(slot)) + GROUP_FINGERPRINTS_BYTES + (slot & (GROUP_SLOTS - 1)) * ENTRY_BYTES;
    }
}
