package org.blobarena.cli.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.input.BoundedInputStream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Some bytes of a blob: from an offset to before another. */
public record ByteRange(long from, long to) {

    public static final ByteRange WHOLE = new ByteRange(0, Long.MAX_VALUE);

    private static final Pattern TEXT = Pattern.compile("(\\d{0,18}):(\\d{0,18})");

    /** What the blob has of the range. */
    public InputStream of(InputStream blob) throws IOException {
        long start = blob.skip(from);
        return BoundedInputStream.builder()
                .setInputStream(blob)
                .setMaxCount(Math.max(0, to - start))
                .setPropagateClose(false)
                .get();
    }

    /** Reads FROM:TO, each of which may be empty. */
    public static final class Converter implements ITypeConverter<ByteRange> {

        @Override
        public ByteRange convert(String value) {
            Matcher text = TEXT.matcher(value);
            if (!text.matches()) {
                throw new TypeConversionException("'" + value + "' is not FROM:TO");
            }
            ByteRange range = new ByteRange(offset(text.group(1), 0), offset(text.group(2), Long.MAX_VALUE));
            if (range.from > range.to) {
                throw new TypeConversionException("'" + value + "' ends before it begins");
            }
            return range;
        }

        private static long offset(String digits, long otherwise) {
            return digits.isEmpty() ? otherwise : Long.parseLong(digits);
        }
    }
}
