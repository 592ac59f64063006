package org.blobarena.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.io.output.CloseShieldOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What an import reads and an export writes. An archive that is compressed with gzip is read by the name of the plain one, too. */
public enum Format {
    DIR("dir"),
    TAR("tar"),
    TAR_GZ("tar.gz"),
    ZIP("zip"),
    WARC("warc"),
    WARC_GZ("warc.gz");

    private static final String SHORT_TAR_GZ = ".tgz";
    private static final int GZIP_BUFFER_BYTES = 64 * 1024;

    private final String text;

    Format(String text) {
        this.text = text;
    }

    /** Returns the format that the name of a file says, or null. */
    public static @Nullable Format of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(SHORT_TAR_GZ)) {
            return TAR_GZ;
        }
        return Arrays.stream(values())
                .filter(format -> format != DIR && name.endsWith("." + format))
                .findFirst()
                .orElse(null);
    }

    /** @param in from the archive's beginning; closed with the reader */
    ArchiveReader reader(InputStream in) throws IOException {
        return switch (this) {
            case DIR -> throw new IllegalStateException("a directory is no archive");
            case TAR, TAR_GZ -> new TarReader(in);
            case ZIP -> new ZipReader(in);
            case WARC, WARC_GZ -> new WarcRecordReader(in);
        };
    }

    /** @param out left open */
    ArchiveWriter writer(OutputStream out) throws IOException {
        OutputStream open = CloseShieldOutputStream.wrap(out);
        return switch (this) {
            case DIR -> throw new IllegalStateException("a directory is no archive");
            case TAR -> new TarWriter(open);
            case TAR_GZ -> new TarWriter(gzip(open));
            case ZIP -> new ZipWriter(open);
            case WARC -> new WarcRecordWriter(open, false);
            case WARC_GZ -> new WarcRecordWriter(open, true);
        };
    }

    private static OutputStream gzip(OutputStream out) throws IOException {
        return new GZIPOutputStream(out, GZIP_BUFFER_BYTES);
    }

    @Override
    public String toString() {
        return text;
    }

    /** Reads the name of a format. */
    public static final class Converter implements ITypeConverter<Format> {

        @Override
        public Format convert(String value) {
            for (Format format : values()) {
                if (format.text.equalsIgnoreCase(value)) {
                    return format;
                }
            }
            throw new TypeConversionException("'" + value + "' is no format: "
                    + Arrays.stream(values()).map(Format::toString).collect(Collectors.joining(", ")));
        }
    }
}
