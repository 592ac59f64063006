package org.blobarena.index.chronicle.map;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import net.openhft.chronicle.algo.hashing.LongHashFunction;
import org.apache.commons.io.FileUtils;
import org.blobarena.arena.Location;
import org.blobarena.index.IndexSamples;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.chronicle.ChronicleLocationIndexFactory;
import org.blobarena.testing.FuzzInput;

/**
 * A target for a fuzzer: opens the file of an index that was changed as the input says, under checksums that are right
 * again, and uses it in every way.
 *
 * <p>Whatever was changed: the file is refused with an IOException, or it is an index that works. Every key that is visited
 * is found, new ones are stored beside them, all can be removed, and it can be closed and opened again. Nothing reaches
 * beyond the map, which would end the JVM, and nothing runs for ever. Public, as the fuzzer calls it from outside.
 */
public final class IndexFuzz {

    private static final int KEYS = 300;
    private static final int NEW_KEYS = 400;
    private static final int SEAL_BYTES = 24;
    private static final int CHECKSUM_BYTES = 8;
    private static final int TEXT_OFFSET = 12;

    private static final Path DIRECTORY = makeDirectory();
    private static final String NAME = "index-0000000000000001.map";
    private static final byte[] ORIGINAL = makeIndex();
    private static final MapLayout LAYOUT = layout();

    private final byte[] bytes = ORIGINAL.clone();
    private final FuzzInput input;

    private IndexFuzz(byte[] input) {
        this.input = new FuzzInput(input);
    }

    /** What a fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        check(input);
    }

    /** Whether the index was opened. */
    static boolean check(byte[] input) throws IOException {
        IndexFuzz fuzz = new IndexFuzz(input);
        int length = fuzz.change();
        return isOpened(seal(Arrays.copyOf(fuzz.bytes, length)));
    }

    /** The bytes of an index that was closed. */
    static byte[] original() {
        return ORIGINAL.clone();
    }

    /** Makes both checksums right. */
    static byte[] seal(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int length = file.length - SEAL_BYTES;
        long textBytes = bytes.getInt(CHECKSUM_BYTES) & 0x3fff_ffffL;
        if (textBytes <= length - TEXT_OFFSET) {
            bytes.putLong(
                    0,
                    LongHashFunction.xx_r39()
                            .hashBytes(file, CHECKSUM_BYTES, Integer.BYTES + Math.toIntExact(textBytes)));
        }
        CRC32C checksum = new CRC32C();
        checksum.update(file, 0, length);
        bytes.put(length, ORIGINAL, ORIGINAL.length - SEAL_BYTES, SEAL_BYTES);
        bytes.putLong(length + 8, length).putInt(length + 16, (int) checksum.getValue());
        return file;
    }

    /** Whether a file is opened as an index, which then has to work. */
    static boolean isOpened(byte[] file) throws IOException {
        Files.write(DIRECTORY.resolve(NAME), file);
        ChronicleLocationIndexFactory factory = new ChronicleLocationIndexFactory();
        LocationIndex index;
        try {
            index = factory.open(DIRECTORY, NAME, KEYS);
        } catch (IOException e) {
            return false;
        }
        try (index) {
            use(index);
            String name = index.closeForReopening();
            factory.open(DIRECTORY, name, NEW_KEYS).close();
        }
        return true;
    }

    private static void use(LocationIndex index) throws IOException {
        Map<KeyHash, Location> visited = new HashMap<>();
        try (LocationIndex.Cursor cursor = index.cursor()) {
            while (cursor.next((key, location) -> require(visited.put(key, location) == null, "visited twice"))) {}
        }
        require(visited.size() == KEYS && index.size() == KEYS, "another number of keys");
        for (int number = 0; number < KEYS; number++) {
            KeyHash key = IndexSamples.key(number);
            require(Objects.equals(index.get(key), visited.get(key)), "another location");
        }
        for (int number = KEYS; number < KEYS + NEW_KEYS; number++) {
            index.put(IndexSamples.key(number), IndexSamples.location(number, 1));
        }
        for (Map.Entry<KeyHash, Location> entry : visited.entrySet()) {
            require(entry.getValue().equals(index.get(entry.getKey())), "not found among others");
            require(index.removeIfEqual(entry.getKey(), entry.getValue()), "not removed");
        }
        require(index.size() == NEW_KEYS, "another number of keys in the end");
        for (int number = KEYS; number < KEYS + NEW_KEYS; number++) {
            Location location = IndexSamples.location(number, 1);
            require(location.equals(index.get(IndexSamples.key(number))), "a new key is not found");
        }
    }

    /** Returns the new length. */
    private int change() {
        int length = bytes.length;
        while (input.hasNext()) {
            int kind = input.next() % 8;
            int segment = input.next() % LAYOUT.segments();
            int tier = Math.toIntExact(LAYOUT.tierOffset(segment));
            switch (kind) {
                case 0 -> setByte(input.nextInt() & Integer.MAX_VALUE);
                case 1 -> setByte(input.nextShort() % (int) LAYOUT.headersOffset());
                case 2 ->
                    setInt(Math.toIntExact(LAYOUT.headerOffset(segment))
                            + input.next() % MapLayout.SEGMENT_HEADER_USED_BYTES);
                case 3 -> setInt(tier + slot());
                case 4 -> setInt(LAYOUT.countersOffset() + tier + input.next() % Long.SIZE);
                case 5 -> setByte(tier + LAYOUT.freeListOffset() + input.next() % 128);
                case 6 -> setInt(tier + LAYOUT.entriesOffset() + input.nextShort() % (LAYOUT.entries() * 28));
                default -> System.arraycopy(bytes, tier + slot(), bytes, tier + slot(), MapLayout.SLOT_BYTES);
            }
            if (input.next() == 255) {
                length = SEAL_BYTES + input.nextInt() % (ORIGINAL.length * 2);
                length = Math.max(length, SEAL_BYTES + TEXT_OFFSET);
            }
        }
        return length;
    }

    private int slot() {
        return input.nextShort() % LAYOUT.slots() * MapLayout.SLOT_BYTES;
    }

    private void setByte(int at) {
        bytes[at % bytes.length] = (byte) input.next();
    }

    private void setInt(int at) {
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(at, input.nextInt());
    }

    private static Path makeDirectory() {
        try {
            Path directory = Files.createTempDirectory("blobarena-index-fuzz");
            // With what it holds by then, which forceDeleteOnExit would not know of.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(directory.toFile())));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] makeIndex() {
        try {
            LocationIndex index = new ChronicleLocationIndexFactory().create(DIRECTORY, 0);
            for (int number = 0; number < KEYS; number++) {
                index.put(IndexSamples.key(number), IndexSamples.location(number, 0));
            }
            return Files.readAllBytes(DIRECTORY.resolve(index.closeForReopening()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MapLayout layout() {
        return MapHeader.of(MapGeneration.builder(IndexGeometry.forExpectedKeys(0)))
                .layout();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
