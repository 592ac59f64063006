package org.blobarena.store.internal.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.blobarena.arena.internal.file.ReadableFile;
import org.blobarena.arena.internal.io.ChannelCache;
import org.blobarena.arena.internal.io.DiskImage;
import org.blobarena.arena.internal.io.FaultyDirectory;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.Checksums;
import org.blobarena.format.RecordHeader;
import org.blobarena.format.RecordType;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.internal.core.FileContent;
import org.blobarena.store.internal.core.KeyHasher;
import org.blobarena.store.internal.core.StoreFile;

/** The bytes of an arena file that a test makes record by record, and may damage before it reads them. */
final class ArenaImage {

    static final long FILE_ID = 1;

    final KeyHasher hasher = new KeyHasher(new StoreIdentity(new UUID(1, 2), 3));

    private byte[] bytes = new byte[ArenaHeader.BYTES];

    /** Appends a record with a number, and returns where it stands. */
    int append(int type, long sequence, byte[] key, ByteBuffer payload) {
        RecordHeader header = new RecordHeader();
        header.set(type, sequence, 0);
        header.setPayload(payload.remaining(), Checksums.of(payload));
        return append(header, key, payload);
    }

    int append(RecordHeader header, byte[] key, ByteBuffer... payload) {
        int offset = bytes.length;
        ByteBuffer head = ByteBuffer.allocate(RecordHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.encode(head, ByteBuffer.wrap(key), new RecordHeader.Place(FILE_ID, offset, salt()));
        append(head);
        append(ByteBuffer.wrap(key));
        for (ByteBuffer part : payload) {
            append(part);
        }
        return offset;
    }

    /** Appends a value. */
    int value(long sequence, byte[] key, byte[] blob) {
        return append(RecordType.VALUE, sequence, key, ByteBuffer.wrap(blob));
    }

    void append(ByteBuffer more) {
        int end = bytes.length;
        bytes = Arrays.copyOf(bytes, end + more.remaining());
        more.duplicate().get(bytes, end, more.remaining());
    }

    void flip(int offset) {
        bytes[offset] ^= 1;
    }

    void cutTo(int length) {
        bytes = Arrays.copyOf(bytes, length);
    }

    int length() {
        return bytes.length;
    }

    byte[] copy(int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    int salt() {
        return hasher.salt(FILE_ID);
    }

    /** Reads these bytes and no file. */
    void read(ByteBuffer target, long offset) {
        target.put(bytes, (int) offset, target.remaining());
    }

    /** An unsealed file that has these bytes now. */
    StoreFile file() {
        FaultyDirectory directory = new FaultyDirectory(new DiskImage(Map.of("file", bytes.clone())));
        ReadableFile arena = ReadableFile.existing(FILE_ID, directory, "file", bytes.length, new ChannelCache(2));
        return new StoreFile(arena, new StoreFile.Origin(salt(), 1), FileContent.none(FILE_ID), false);
    }
}
