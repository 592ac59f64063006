package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.UUID;
import org.blobarena.arena.ArenaFile;
import org.blobarena.arena.Location;
import org.blobarena.arena.io.DescriptorBudget;
import org.blobarena.arena.io.DiskImage;
import org.blobarena.arena.io.FaultyDirectory;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.format.StoreIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that agree with the index and not with their file. Shows invariant 7 of store-format.md. */
class RecordReaderTest {

    private static final int OFFSET = 64;
    private static final int FILE_BYTES = 200_000;

    private final KeyHasher hasher = new KeyHasher(new StoreIdentity(new UUID(1, 2), 3));
    private final EncodedKey key = hasher.encoded(new byte[] {1});

    @ParameterizedTest
    @ValueSource(longs = {FILE_BYTES, Integer.MAX_VALUE, 3L << 30})
    void recordThatEndsBehindItsFileIsDamageBeforeAnythingIsAllocated(long payloadBytes) throws Exception {
        Location location = location(payloadBytes);
        try (ArenaFile arena = arenaWith(payloadBytes)) {
            StoreFile file = new StoreFile(arena, new StoreFile.Origin(hasher.salt(1), 1), FileContent.none(1), false);
            RecordReader reader = new RecordReader(hasher);
            assertThatThrownBy(() -> reader.payload(file, location, key))
                    .isInstanceOf(CorruptBlobException.class)
                    .hasMessageContaining("record end: expected at most " + FILE_BYTES)
                    .hasMessageContaining("found " + location.end());
            assertThatThrownBy(() -> reader.entry(file, location, key.hash()))
                    .isInstanceOf(CorruptBlobException.class)
                    .hasMessageContaining("record end");
        }
    }

    @Test
    void recordShorterThanAHeaderIsDamage() throws Exception {
        Location location = new Location(1, OFFSET, RecordHeader.BYTES - 1);
        try (ArenaFile arena = arenaWith(10)) {
            StoreFile file = new StoreFile(arena, new StoreFile.Origin(hasher.salt(1), 1), FileContent.none(1), false);
            assertThatThrownBy(() -> new RecordReader(hasher).payload(file, location, key))
                    .isInstanceOf(CorruptBlobException.class)
                    .hasMessageContaining("record length: expected at least 32, found 31");
        }
    }

    private Location location(long payloadBytes) {
        return new Location(1, OFFSET, RecordHeader.BYTES + key.length() + payloadBytes);
    }

    /** A file whose record says that its payload is this long. */
    private ArenaFile arenaWith(long payloadBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(FILE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        RecordHeader header = new RecordHeader();
        header.set(RecordType.VALUE, 1, 0);
        header.setPayload(payloadBytes, 0);
        header.encode(
                bytes.slice(OFFSET, RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN),
                ByteBuffer.wrap(key.bytes()),
                new RecordHeader.Place(1, OFFSET, hasher.salt(1)));
        bytes.put(OFFSET + RecordHeader.BYTES, key.bytes());
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(Map.of("file", bytes.array())));
        return ArenaFile.existing(new Location(1, 0, FILE_BYTES), directory, "file", DescriptorBudget.of(2));
    }
}
