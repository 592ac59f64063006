package org.blobarena.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.transfer.Names;

/**
 * Writes zip, each member compressed; lengths and checksums stand behind them. It is said to be of Unix, where unzip takes
 * names for what they are: UTF-8.
 */
final class ZipWriter implements ArchiveWriter {

    /** A name and what else a header says have 65,535 bytes together. */
    private static final int NAME_BYTES_MAX = 65_000;

    private final ZipArchiveOutputStream zip;

    ZipWriter(OutputStream out) {
        zip = new ZipArchiveOutputStream(out);
        zip.setEncoding(StandardCharsets.UTF_8.name());
        zip.setUseLanguageEncodingFlag(true);
    }

    @Override
    public Names.Name name(Key key, Names names) throws NameException {
        Names.Name name = names.name(key);
        if (name.text().getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            throw new NameException("it is too long for zip");
        }
        return name;
    }

    @Override
    public void add(String name, long bytes, InputStream content) throws IOException {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setTimeLocal(LocalDateTime.ofInstant(ArchiveSink.TIME, ZoneOffset.UTC));
        entry.setUnixMode(UnixStat.FILE_FLAG | UnixStat.DEFAULT_FILE_PERM);
        entry.setSize(bytes);
        zip.putArchiveEntry(entry);
        content.transferTo(zip);
        zip.closeArchiveEntry();
    }

    @Override
    public void finish() throws IOException {
        zip.close();
    }

    @Override
    public void close() {
        // It has nothing but memory.
    }
}
