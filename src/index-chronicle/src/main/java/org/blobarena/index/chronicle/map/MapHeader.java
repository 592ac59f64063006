package org.blobarena.index.chronicle.map;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.openhft.chronicle.algo.hashing.LongHashFunction;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.core.OS;
import net.openhft.chronicle.hash.VanillaGlobalMutableState;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.wire.TextWire;
import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/**
 * What stands in the file of a map before its segments: a checksum, a length, the shape of the map as text, and a few
 * numbers.
 *
 * <p>Chronicle Map believes all of it: it makes an object of any class that the text names, and follows the numbers. A
 * checksum is no help against somebody who can compute it. So the text is taken for nothing but the shape that it claims
 * to be of; the header that a new map of that shape would have is made, and no other is opened.
 */
final class MapHeader {

    private static final int CHECKSUM_BYTES = 8;
    private static final int TEXT_OFFSET = CHECKSUM_BYTES + Integer.BYTES;
    // Chronicle Map rounds up the end of the text, and leaves so much behind that for a lock and its numbers.
    private static final int TEXT_ALIGNMENT = 64;
    private static final int STATE_OFFSET = 8;
    // Chronicle Map writes no longer text.
    private static final int TEXT_BYTES_MAX = 1 << 14;

    private static final Pattern SEGMENTS = Pattern.compile("(?m)^  actualSegments: ([0-9]{1,9}),$");
    private static final Pattern SLOTS = Pattern.compile("(?m)^  tierHashLookupCapacity: ([0-9]{1,9}),$");

    private final byte[] bytes;
    private final MapLayout layout;

    private MapHeader(byte[] bytes, MapLayout layout) {
        this.bytes = bytes;
        this.layout = layout;
    }

    /** Returns the header of a new map. */
    static MapHeader of(ChronicleMapBuilder<KeyHash, Location> builder) {
        VanillaChronicleHash<?, ?, ?, ?> map = unmapped(builder);
        Bytes<byte[]> text = Bytes.allocateElasticOnHeap();
        new TextWire(text).getValueOut().typedMarshallable(map);
        int textBytes = Math.toIntExact(text.readRemaining());
        int stateOffset = roundUp(TEXT_OFFSET + textBytes);
        map.headerSize = stateOffset;
        map.segmentHeadersOffset = OS.pageAlign(stateOffset + VanillaChronicleHash.RESERVED_GLOBAL_MUTABLE_STATE_BYTES);
        MapLayout layout = MapLayout.of(map);

        ByteBuffer header =
                ByteBuffer.allocate(Math.toIntExact(map.segmentHeadersOffset)).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(CHECKSUM_BYTES, textBytes).put(TEXT_OFFSET, text.toByteArray());
        header.putLong(
                0, LongHashFunction.xx_r39().hashBytes(header.array(), CHECKSUM_BYTES, Integer.BYTES + textBytes));
        VanillaGlobalMutableState state = map.globalMutableState();
        byte[] numbers = new byte[Math.toIntExact(state.maxSize())];
        state.bytesStore(BytesStore.wrap(numbers), 0, numbers.length);
        state.setSegmentHeadersOffset(map.segmentHeadersOffset);
        state.setDataStoreSize(map.sizeInBytesWithoutTiers());
        header.put(stateOffset + STATE_OFFSET, numbers);
        return new MapHeader(header.array(), layout);
    }

    /**
     * Tells the shape of a map from the beginning of its file.
     *
     * @throws IOException if it is none that BlobArena makes maps of
     */
    static IndexGeometry geometry(IndexFile file) throws IOException {
        String text = new String(file.read(0, TEXT_BYTES_MAX), StandardCharsets.ISO_8859_1);
        Matcher segments = SEGMENTS.matcher(text);
        Matcher slots = SLOTS.matcher(text);
        if (!segments.find()
                || !slots.find()
                || !IndexGeometry.isPossible(Long.parseLong(segments.group(1)), Long.parseLong(slots.group(1)))) {
            throw new IOException("the shape of its map is unknown");
        }
        return new IndexGeometry(Integer.parseInt(segments.group(1)), Integer.parseInt(slots.group(1)));
    }

    /**
     * Compares a file with this header.
     *
     * @throws IOException if it begins otherwise or has another length
     */
    void requireIn(IndexFile file) throws IOException {
        if (file.length() != layout.fileBytes()) {
            throw new IOException("expected length " + layout.fileBytes() + ", found " + file.length());
        }
        byte[] found = file.read(0, bytes.length);
        int at = Arrays.mismatch(bytes, found);
        if (at >= 0) {
            throw new IOException("its header differs at " + at + " from that of a new map of its shape");
        }
    }

    MapLayout layout() {
        return layout;
    }

    private static int roundUp(int end) {
        return (end + TEXT_ALIGNMENT - 1) / TEXT_ALIGNMENT * TEXT_ALIGNMENT;
    }

    /** Returns a map that has its shape and no memory. */
    private static VanillaChronicleHash<?, ?, ?, ?> unmapped(ChronicleMapBuilder<KeyHash, Location> builder) {
        try {
            Method maker = ChronicleMapBuilder.class.getDeclaredMethod("newMap");
            maker.setAccessible(true);
            return (VanillaChronicleHash<?, ?, ?, ?>) maker.invoke(builder);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("Chronicle Map refuses the shape of a map: " + builder, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of Chronicle Map is not one that BlobArena knows", e);
        }
    }
}
