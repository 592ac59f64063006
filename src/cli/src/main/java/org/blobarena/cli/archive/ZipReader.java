package org.blobarena.cli.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.apache.commons.io.input.ProxyInputStream;
import org.blobarena.cli.text.RawText;
import org.jspecify.annotations.Nullable;

/**
 * Reads zip from its beginning, by the headers before the members. What only the directory at its end tells is not known:
 * which members are symbolic links. They are read as files. The library keeps a member
 * in memory if it is not compressed and its length stands behind it.
 *
 * <p>The checksum of a member may stand behind it, so its end is found only when the next one has been looked for.
 */
final class ZipReader implements ArchiveReader {

    /** An archive without members is only this. */
    private static final byte[] END_MAGIC = {'P', 'K', 5, 6};

    private final ZipArchiveInputStream zip;
    private final Tail tail;
    private long members;
    private final boolean empty;
    private @Nullable ZipArchiveEntry current;
    private boolean lookedAhead;
    private @Nullable IOException failedAhead;

    ZipReader(InputStream in) throws IOException {
        PushbackInputStream whole = new PushbackInputStream(in, END_MAGIC.length);
        byte[] start = whole.readNBytes(END_MAGIC.length);
        whole.unread(start);
        empty = Arrays.equals(start, END_MAGIC);
        if (start.length == 0) {
            throw new EOFException("it is empty");
        }
        tail = new Tail(whole);
        zip = new ZipArchiveInputStream(tail, StandardCharsets.UTF_8.name(), true, true);
    }

    @Override
    public @Nullable Member next() throws IOException {
        if (empty) {
            return null;
        }
        if (failedAhead != null) {
            throw failedAhead;
        }
        do {
            if (!lookedAhead) {
                advance();
            }
            lookedAhead = false;
        } while (current != null && current.isDirectory());
        if (current == null) {
            return null;
        }
        if (!zip.canReadEntryData(current)) {
            // Where it ends cannot be known either.
            throw new IOException(
                    current.getName() + " is encrypted, or compressed in a way that no stream can be read of");
        }
        return new Member(name(current), current.getSize(), new Content(current), null, null);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** The library takes an end in the middle of a header for that of the archive. */
    private void advance() throws IOException {
        current = zip.getNextEntry();
        if (current != null) {
            members++;
        } else {
            tail.transferTo(OutputStream.nullOutputStream());
            if (!tail.endsWithDirectoryOf(members)) {
                throw new EOFException("it has no end mark");
            }
        }
    }

    private static String name(ZipArchiveEntry entry) {
        return entry.getNameSource() == ZipArchiveEntry.NameSource.UNICODE_EXTRA_FIELD
                ? entry.getName()
                : RawText.decode(entry.getRawName());
    }

    /** Reads everything by the one method that takes a range, so that whoever looks at the bytes has one place to do it. */
    private abstract static class ThroughOneRead extends ProxyInputStream {

        ThroughOneRead(InputStream in) {
            super(in);
        }

        @Override
        public abstract int read(byte[] target, int from, int length) throws IOException;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target) throws IOException {
            return read(target, 0, target.length);
        }
    }

    /** Keeps the last bytes, where the end of the directory stands. */
    private static final class Tail extends ThroughOneRead {

        private static final int END_BYTES = 22;
        private static final int COUNT_OFFSET = 10;
        private static final int COUNT_MAX = 0xffff;

        private final byte[] ring = new byte[1 << 17];
        private long count;

        Tail(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = in.read(target, from, length);
            for (int i = Math.max(0, read - ring.length); i < read; i++) {
                ring[index(count + i)] = target[from + i];
            }
            count += Math.max(0, read);
            return read;
        }

        boolean endsWithDirectoryOf(long members) {
            for (long at = count - END_BYTES; at >= Math.max(0, count - ring.length); at--) {
                if (isEnd(at)) {
                    int said =
                            (ring[index(at + COUNT_OFFSET)] & 0xff) | (ring[index(at + COUNT_OFFSET + 1)] & 0xff) << 8;
                    return said == COUNT_MAX ? members >= COUNT_MAX : said == members;
                }
            }
            return false;
        }

        private boolean isEnd(long at) {
            for (int i = 0; i < END_MAGIC.length; i++) {
                if (ring[index(at + i)] != END_MAGIC[i]) {
                    return false;
                }
            }
            return true;
        }

        private int index(long at) {
            return (int) (at & (ring.length - 1));
        }
    }

    /** The bytes of one member, which end well only if they are those that were stored. */
    private final class Content extends ThroughOneRead {

        private final ZipArchiveEntry entry;
        private final CRC32 checksum = new CRC32();
        private long count;
        private boolean ended;

        Content(ZipArchiveEntry entry) {
            super(zip);
            this.entry = entry;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = ended ? -1 : zip.read(target, from, length);
            if (read >= 0) {
                checksum.update(target, from, read);
                count += read;
            } else if (!ended) {
                ended = true;
                check();
            }
            return read;
        }

        private void check() throws IOException {
            try {
                advance();
                lookedAhead = true;
            } catch (IOException e) {
                failedAhead = e;
            }
            if (entry.getCrc() != checksum.getValue() || entry.getSize() != count) {
                IOException failure = failedAhead != null ? failedAhead : new ZipException("a checksum does not match");
                throw failure;
            }
        }
    }
}
