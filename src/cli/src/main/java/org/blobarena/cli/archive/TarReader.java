package org.blobarena.cli.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.blobarena.cli.text.RawText;
import org.jspecify.annotations.Nullable;

/**
 * Reads tar as POSIX and GNU have it, sparse files and names of any length included, compressed with gzip or not.
 *
 * <p>Names are bytes in a header, and UTF-8 in an extended header. Both come out of the library as text, the bytes as one
 * character each, so what stands in the text says which it was: a character above 255 is of an extended header; bytes
 * that are UTF-8 are taken for such; and others are of an extended header if there was one.
 */
final class TarReader implements ArchiveReader {

    private static final int BYTE_MAX = 0xff;
    private static final String NOT_UTF_8 = RawText.decode(new byte[] {(byte) BYTE_MAX});
    private static final String REPLACEMENT = "\ufffd";

    private final Records tar;

    TarReader(InputStream in) throws IOException {
        tar = new Records(Gzip.plain(in));
    }

    @Override
    public @Nullable Member next() throws IOException {
        while (true) {
            tar.extended = false;
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null) {
                return null;
            }
            if (entry.isLink()) {
                return new Member(
                        name(entry.getName()), 0, InputStream.nullInputStream(), name(entry.getLinkName()), null);
            }
            if (isFile(entry)) {
                String problem = tar.canReadEntryData(entry) ? null : "is a sparse file of an unknown kind";
                return new Member(name(entry.getName()), entry.getRealSize(), tar, null, problem);
            }
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Whose file type is none that exists counts as a file, as POSIX says; the library counts every other as one. */
    private static boolean isFile(TarArchiveEntry entry) {
        return entry.isFile()
                && !entry.isSymbolicLink()
                && !entry.isFIFO()
                && !entry.isBlockDevice()
                && !entry.isCharacterDevice()
                && entry.getLinkFlag() != TarConstants.LF_MULTIVOLUME;
    }

    private String name(String text) {
        if (text.chars().anyMatch(character -> character > BYTE_MAX)) {
            // What was not UTF-8 in an extended header is lost; as one such byte it is refused.
            return text.contains(REPLACEMENT) ? NOT_UTF_8 : text;
        }
        String bytes = RawText.decode(text.getBytes(StandardCharsets.ISO_8859_1));
        return tar.extended && RawText.hasEscapes(bytes) ? text : bytes;
    }

    /** Looks at the headers, for what the library does not tell. */
    private static final class Records extends TarArchiveInputStream {

        private static final int TYPE_OFFSET = 156;

        private boolean ended;
        private boolean extended;

        Records(InputStream in) {
            super(in, StandardCharsets.ISO_8859_1.name());
        }

        @Override
        protected byte[] readRecord() throws IOException {
            byte[] header = super.readRecord();
            if (header == null) {
                if (!ended) {
                    throw new EOFException("it has no end mark");
                }
            } else {
                ended |= isEOFRecord(header);
                extended |= header[TYPE_OFFSET] == TarConstants.LF_PAX_EXTENDED_HEADER_LC;
            }
            return header;
        }
    }
}
