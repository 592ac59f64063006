package org.blobarena.index.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.blobarena.index.IndexSamples.location;
import static org.blobarena.index.IndexSamples.probe;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.junit.jupiter.api.Test;

class SlotsTest {

    private static final long UPPER_BIT = 1L << 62;

    private final Random random = new Random(11);
    private final Map<KeyHash, Location> model = new HashMap<>();

    @Test
    void rowIsSoundAndHoldsWhatTheModelHoldsThroughAllChanges() {
        Slots slots = new Slots(blocks(2));
        List<KeyHash> keys = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (!keys.isEmpty() && (model.size() > 1_900 || random.nextInt(3) == 0)) {
                KeyHash key = keys.remove(random.nextInt(keys.size()));
                slots.remove(slotOf(slots, key));
                model.remove(key);
            } else {
                KeyHash key = key();
                if (slotOf(slots, key) < 0) {
                    keys.add(key);
                }
                put(slots, key, location(step, 1));
            }
            if (step % 500 == 0) {
                assertHoldsModel(slots);
            }
        }
        while (!keys.isEmpty()) {
            KeyHash key = keys.remove(keys.size() - 1);
            slots.remove(slotOf(slots, key));
            model.remove(key);
        }
        assertHoldsModel(slots);
    }

    /** Of which a look-up would find the one, and a cursor both. */
    @Test
    void rowWithAKeyTwiceIsNotSound() {
        KeyHash key = new KeyHash(1, 1);
        for (int between : new int[] {0, 1, 20}) {
            Slots slots = new Slots(blocks(1));
            int slot = ~slotOf(slots, key);
            slots.insert(slot, probe(key, location(1, 1)));
            for (int i = 1; i <= between; i++) {
                slots.insert(slot + i, probe(new KeyHash(1, 1 + 256 * i), location(1, 1))); // of the same fingerprint
            }
            assertThat(slots.isSound(1 + between, 0, 1)).isTrue();
            slots.insert(slot + 1 + between, probe(key, location(2, 2)));
            assertThat(slots.isSound(2 + between, 0, 1)).isFalse();
        }
    }

    /** Nobody would look for it there. */
    @Test
    void rowWithAnEntryBehindAFreeSlotIsNotSound() {
        for (int away : new int[] {1, 15, 16, 500}) {
            Slots slots = new Slots(blocks(1));
            KeyHash key = new KeyHash(1, 1);
            slots.insert(~slotOf(slots, key) + away, probe(key, location(1, 1)));
            assertThat(slots.isSound(1, 0, 1)).isFalse();
        }
    }

    @Test
    void rowWithAnEntryOfAnotherSegmentOrOneTooFewIsNotSound() {
        Slots slots = new Slots(blocks(1));
        put(slots, new KeyHash(1, 1), location(1, 1));
        assertThat(slots.isSound(1, 0, 1)).isTrue();
        assertThat(slots.isSound(1, 1, 1)).isFalse();
        assertThat(slots.isSound(2, 0, 1)).isFalse();
    }

    @Test
    void longerRowHoldsTheSame() {
        Slots slots = new Slots(blocks(4));
        for (int length = 5; length <= 7; length++) {
            fill(slots, length);
            Slots longer = new Slots(blocks(length));
            slots.copyTo(longer, 0, 0);
            slots = longer;
            assertHoldsModel(slots);
        }
    }

    @Test
    void halvesHoldTheKeysOfTheirBitsAlone() {
        Slots slots = new Slots(blocks(4));
        fill(slots, 1);
        int upperCount = (int) model.keySet().stream()
                .filter(key -> (key.high() & UPPER_BIT) != 0)
                .count();
        assertThat(slots.countWith(UPPER_BIT)).isEqualTo(upperCount);
        Slots lower = new Slots(blocks(4));
        Slots upper = new Slots(blocks(4));
        slots.copyTo(lower, UPPER_BIT, 0);
        slots.copyTo(upper, UPPER_BIT, UPPER_BIT);
        assertThat(lower.isSound(model.size() - upperCount, 0, 2)).isTrue();
        assertThat(upper.isSound(upperCount, 1, 2)).isTrue();
        model.forEach((key, location) -> {
            Slots half = (key.high() & UPPER_BIT) != 0 ? upper : lower;
            assertThat(half.location(slotOf(half, key))).isEqualTo(location);
        });
    }

    @Test
    void everySlotIsUsedBeforeThereIsNoRoomWhereverTheKeysBelong() {
        for (long home : new long[] {0, Integer.MAX_VALUE}) {
            model.clear();
            Slots slots = new Slots(blocks(1));
            for (int i = 0; i < TableLayout.BLOCK_SLOTS; i++) {
                put(slots, new KeyHash(home, i), location(i, 1));
            }
            assertThat(model).hasSize(TableLayout.BLOCK_SLOTS);
            assertThat(slotOf(slots, new KeyHash(home, -1))).isEqualTo(~TableLayout.BLOCK_SLOTS);
            assertHoldsModel(slots);
            for (int i = 0; i < TableLayout.BLOCK_SLOTS; i += 3) {
                KeyHash key = new KeyHash(home, i);
                slots.remove(slotOf(slots, key));
                model.remove(key);
            }
            assertHoldsModel(slots);
        }
    }

    private void fill(Slots slots, int length) {
        while (model.size() < slots.count() * 9 / 10) {
            put(slots, key(), location(model.size(), length));
        }
    }

    private static int slotOf(Slots slots, KeyHash key) {
        return slots.slotOf(key.high(), key.low());
    }

    /** Some of the high halves are equal, and most of the low ones. */
    private KeyHash key() {
        long high = (random.nextInt(1 << 20) * 0x9E37_79B9_7F4A_7C15L) & Long.MAX_VALUE;
        return new KeyHash(random.nextInt(4) == 0 ? high | 0xFF : high, random.nextInt(4));
    }

    private void put(Slots slots, KeyHash key, Location location) {
        int slot = slotOf(slots, key);
        if (slot >= 0) {
            slots.setLocation(slot, location);
        } else {
            slots.insert(~slot, probe(key, location));
        }
        model.put(key, location);
    }

    private void assertHoldsModel(Slots slots) {
        assertThat(slots.isSound(model.size(), 0, 1)).isTrue();
        Map<KeyHash, Location> found = new HashMap<>();
        slots.forEach((slot, high, low) -> found.put(new KeyHash(high, low), slots.location(slot)));
        assertThat(found).isEqualTo(model);
        IndexProbe probe = new IndexProbe();
        model.forEach((key, location) -> {
            probe.set(key.high(), key.low());
            assertThat(slots.find(probe)).isTrue();
            assertThat(new Location(probe.fileIndex(), probe.offset(), probe.length()))
                    .isEqualTo(location);
            probe.set(key.high(), key.low() + 100_000);
            assertThat(slots.find(probe)).isFalse();
        });
    }

    private static Slots.Block[] blocks(int count) {
        Slots.Block[] blocks = new Slots.Block[count];
        for (int i = 0; i < count; i++) {
            ByteBuffer memory = ByteBuffer.allocate(TableLayout.BLOCK_BYTES + 8).order(ByteOrder.LITTLE_ENDIAN);
            blocks[i] = new Slots.Block(i, memory, 8);
        }
        return blocks;
    }
}
