package org.blobarena.store.internal.write;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.blobarena.arena.Location;
import org.blobarena.format.IndexBlock;
import org.blobarena.format.Layout;
import org.blobarena.format.RecordHeader;
import org.blobarena.store.internal.core.EncodedKey;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.jspecify.annotations.Nullable;

/**
 * The arena file to which an eviction writes records again, as new ones of their keys, and the next one when it is full.
 *
 * <p>As with a stream, the header of a record comes last, with a sequence number of that moment: until then a crash leaves a
 * torn tail, and a record that is not wanted any more is cut. A record is copied piece by piece, whatever its length.
 *
 * <p>For one thread at a time.
 */
public final class KeptFile {

    private final RecordWriter writer;
    private final ByteBuffer headerBytes =
            ByteBuffer.allocate(RecordHeader.BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
    private @Nullable ActiveFile active;

    public KeptFile(RecordWriter writer) {
        this.writer = writer;
    }

    /** A record of which all but the header is written. */
    public final class Unpublished {

        private final ActiveFile target;
        private final RecordHeader header;
        private final EncodedKey key;
        private final IndexBlock.Entry original;
        private final long start;
        private final byte[] recordNonce;

        private Unpublished(ActiveFile target, RecordHeader header, EncodedKey key, IndexBlock.Entry original) {
            this.target = target;
            this.header = header;
            this.key = key;
            this.original = original;
            this.start = target.writer().length();
            this.recordNonce = target.file().cipher() == null ? new byte[0] : FileCipher.newRecordNonce();
        }

        /** Makes it the record of its key, whose lock is held; tells where it is. */
        public Location publish() throws IOException {
            Location location = new Location(target.file().id(), start, original.length());
            IndexBlock.Entry entry = new IndexBlock.Entry(
                    original.hashHigh(),
                    original.hashLow(),
                    original.type(),
                    writer.takeSequence(),
                    start,
                    original.length(),
                    original.expiryMillis());
            header.set(
                    original.type(),
                    entry.sequence(),
                    Math.min(start, target.writer().forcedBytes()));
            target.writer().amend(encoded(), start);
            writer.list(target, entry, header.isCompressed());
            target.file().unfinished().finish();
            return location;
        }

        /** The header; of an encrypted record the key too, which is encrypted with what the header says. */
        private ByteBuffer encoded() {
            FileCipher cipher = target.file().cipher();
            ByteBuffer bytes = ByteBuffer.wrap(key.bytes());
            if (cipher == null) {
                header.encode(headerBytes.clear(), bytes, target.file().place(start));
                return headerBytes;
            }
            ByteBuffer stored = ActiveFile.encryptedKey(cipher, header, start, recordNonce, bytes);
            header.encode(headerBytes.clear(), stored, target.file().place(start));
            return ByteBuffer.allocate(headerBytes.remaining() + stored.remaining())
                    .put(headerBytes)
                    .put(stored)
                    .flip();
        }

        /** Leaves nothing of it. */
        public void cut() throws IOException {
            target.file().unfinished().cut(target.writer());
        }
    }

    /**
     * Copies the record that is open in a source, all but its header.
     *
     * @param original its entry
     */
    public Unpublished copy(RecordSource source, EncodedKey key, IndexBlock.Entry original) throws IOException {
        ActiveFile target = fileFor(original);
        writer.makeRoomInIndexBlock(
                target, original.expires()); // Now, since what comes behind the record may be cut with it.
        Unpublished record = new Unpublished(target, source.header(), key, original);
        target.file().unfinished().begin(record.start);
        boolean copied = false;
        try {
            // An encrypted key comes with the header.
            ByteBuffer stored = target.file().cipher() == null
                    ? ByteBuffer.wrap(key.bytes())
                    : ByteBuffer.allocate(key.length() + Layout.SEAL_BYTES);
            target.push(ByteBuffer.allocate(source.header().headerBytes()), stored);
            target.copyPayload(source, record.recordNonce);
            copied = true;
            return record;
        } finally {
            if (!copied) {
                record.cut();
            }
        }
    }

    private ActiveFile fileFor(IndexBlock.Entry record) throws IOException {
        ActiveFile present = active;
        if (present != null && present.hasRoomFor(record.length(), record.expires())) {
            return present;
        }
        roll();
        writer.sealer().awaitRoom();
        ActiveFile begun = writer.files().beginKept();
        active = begun;
        return begun;
    }

    /** Ends the present file, to be sealed. */
    public void roll() {
        ActiveFile full = active;
        if (full != null) {
            active = null;
            full.roll();
            writer.sealer().sealLater();
        }
    }

    /** Puts what was written on the device. */
    public void force() throws IOException {
        ActiveFile present = active;
        if (present != null) {
            present.force();
        }
        for (ActiveFile waiting : writer.files().waiting()) {
            if (waiting.file().origin().kept()) {
                waiting.force();
            }
        }
    }
}
