package org.blobarena.cli.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.transfer.BlobSink;
import org.blobarena.cli.transfer.Names;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.Skipped;

/**
 * Writes blobs to an archive. What a format says of a member stands before its bytes, so that a blob which cannot be read
 * to its end would leave an archive that nobody can read: each is read once before, and a short one is kept from then on.
 */
public final class ArchiveSink implements BlobSink {

    /** What members are said to be of, so that the same blobs make the same archive; zip knows no earlier year. */
    static final Instant TIME = Instant.parse("1980-02-01T00:00:00Z");

    private static final int KEPT_BYTES_MAX = 1 << 20;

    private final ReadableBlobs blobs;
    private final ArchiveWriter writer;
    private final Names names;
    private final Skipped skipped;
    private final LongConsumer exported;

    /** The lengths of the keys before that the last one begins with, itself included. */
    private final BitSet prefixes = new BitSet();

    private Key last = new Key(new byte[0]);

    /**
     * Begins an archive.
     *
     * @param out left open
     * @param exported gets the length of each blob that is in the archive
     */
    public ArchiveSink(
            ReadableBlobs blobs, Format format, OutputStream out, Names names, Skipped skipped, LongConsumer exported)
            throws IOException {
        this.blobs = blobs;
        this.writer = format.writer(out);
        this.names = names;
        this.skipped = skipped;
        this.exported = exported;
    }

    @Override
    public void add(Key key) throws IOException {
        Names.Name name;
        byte[] kept = null;
        long bytes;
        try {
            name = writer.name(key, names);
            requireNotBelowAnother(key, name);
            OptionalLong size = blobs.sizeOf(key);
            if (size.isEmpty()) {
                return;
            }
            bytes = size.getAsLong();
            try (InputStream content = blobs.openStream(key)) {
                if (content == null) {
                    return;
                }
                if (bytes <= KEPT_BYTES_MAX) {
                    kept = content.readAllBytes();
                }
                try (OutputStream preview = writer.preview()) {
                    if (kept == null) {
                        content.transferTo(preview);
                    } else {
                        preview.write(kept);
                    }
                }
            }
        } catch (IOException e) {
            BlobSink.report(skipped, key, e);
            return;
        }
        if (name.sidecar() != null) {
            writer.add(name.sidecar(), key.bytes().length, new ByteArrayInputStream(key.bytes()));
        }
        try (InputStream content = kept != null ? new ByteArrayInputStream(kept) : blobs.openStream(key)) {
            if (content == null) {
                throw new IOException("the blob of a key has gone while it was exported");
            }
            writer.add(name.text(), bytes, content);
        }
        exported.accept(bytes);
        remember(key);
    }

    @Override
    public void settle() throws IOException {
        writer.finish();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    /** A file cannot be a directory as well. */
    private void requireNotBelowAnother(Key key, Names.Name name) throws NameException {
        if (name.text().indexOf('/') < 0 || !writer.hasPaths()) {
            return;
        }
        byte[] bytes = key.bytes();
        int same = common(last, key);
        for (int length = prefixes.nextSetBit(0);
                length >= 0 && length <= same;
                length = prefixes.nextSetBit(length + 1)) {
            if (length < bytes.length && bytes[length] == '/') {
                throw new NameException("it lies below another key");
            }
        }
    }

    /** Keys come in order, so those that a key begins with are among those that the last one began with. */
    private void remember(Key key) {
        prefixes.clear(common(last, key) + 1, Integer.MAX_VALUE);
        prefixes.set(key.bytes().length);
        last = key;
    }

    private static int common(Key one, Key other) {
        int mismatch = Arrays.mismatch(one.bytes(), other.bytes());
        return mismatch < 0 ? one.bytes().length : mismatch;
    }
}
