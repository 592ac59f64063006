package org.blobarena.store.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.blobarena.format.FileNames;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.SpecifiedChecksums;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.internal.core.KeyHasher;

/**
 * Every value that some record of some arena file holds, at whatever offset, found by trying all of them against the
 * checksums of store-format.md: what a store may answer at most, whatever has happened to its files.
 */
public final class SpecifiedValues {

    private final Map<ByteBuffer, Set<ByteBuffer>> values = new HashMap<>();

    private SpecifiedValues() {}

    public SpecifiedValues(Map<String, byte[]> files, StoreIdentity identity) {
        KeyHasher hasher = new KeyHasher(identity);
        files.forEach((name, bytes) -> {
            OptionalLong id = FileNames.arenaId(name);
            if (id.isPresent()) {
                addRecords(bytes, id.getAsLong(), hasher.salt(id.getAsLong()));
            }
        });
    }

    public static SpecifiedValues none() {
        return new SpecifiedValues();
    }

    /** Also those of records whose value alone is damaged. */
    public Set<ByteBuffer> keys() {
        return values.keySet();
    }

    public boolean contains(byte[] key, byte[] value) {
        return values.getOrDefault(ByteBuffer.wrap(key), Set.of()).contains(ByteBuffer.wrap(value));
    }

    /** One that was put since. */
    public void add(byte[] key, byte[] value) {
        values.computeIfAbsent(ByteBuffer.wrap(key), any -> new HashSet<>()).add(ByteBuffer.wrap(value));
    }

    private void addRecords(byte[] array, long fileId, int salt) {
        ByteBuffer bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + 32 <= array.length; at++) {
            if (bytes.getInt(at + 4) == salt) {
                addAt(bytes, at, new RecordHeader.Place(fileId, at, salt));
            }
        }
    }

    private void addAt(ByteBuffer bytes, int at, RecordHeader.Place place) {
        int keyLength = Short.toUnsignedInt(bytes.getShort(at + 28));
        int key = at + SpecifiedChecksums.headerBytes(bytes, at);
        long end = key + keyLength + Integer.toUnsignedLong(bytes.getInt(at + 16));
        if (end > bytes.limit() || bytes.get(at + 30) != 1) {
            return;
        }
        int payload = key + keyLength;
        if (bytes.getInt(at) == SpecifiedChecksums.ofRecord(bytes, at, keyLength, place)) {
            Set<ByteBuffer> ofKey = values.computeIfAbsent(bytes.slice(key, keyLength), any -> new HashSet<>());
            ByteBuffer blob = new SpecifiedPayload(bytes, payload, (int) end, bytes.get(at + 31) & ~4)
                    .blob(bytes.getInt(at + 20));
            if (blob != null) {
                ofKey.add(blob);
            }
        }
    }
}
