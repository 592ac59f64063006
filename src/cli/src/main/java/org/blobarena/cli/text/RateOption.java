package org.blobarena.cli.text;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.store.upkeep.Pace;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option of commands that read or copy a whole store. */
public final class RateOption {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})([kmg]?)");

    @Option(
            names = "--rate",
            paramLabel = "BYTES",
            converter = Converter.class,
            description = "At most so many bytes a second, such as 500K, 20M or 1G. As fast as it goes when not given.")
    private Pace pace = Pace.unlimited();

    /** At that rate. */
    public Pace pace(Pace.Progress progress) {
        return pace.withProgress(progress);
    }

    /** Reads a number, with {@code K}, {@code M} or {@code G} for thousands, millions and billions. */
    public static final class Converter implements ITypeConverter<Pace> {

        @Override
        public Pace convert(String value) {
            Matcher parts = TEXT.matcher(value.toLowerCase(Locale.ROOT));
            if (!parts.matches()) {
                throw new TypeConversionException("'" + value + "' is no number of bytes, such as 500K, 20M or 1G");
            }
            long unit = switch (parts.group(2)) {
                case "k" -> 1_000;
                case "m" -> 1_000_000;
                case "g" -> 1_000_000_000;
                default -> 1;
            };
            long count = Long.parseLong(parts.group(1));
            if (count == 0 || count > Long.MAX_VALUE / unit) {
                throw new TypeConversionException("'" + value + "' is not within 1 to 2^63 - 1 bytes");
            }
            return Pace.unlimited().withBytesPerSecond(count * unit);
        }
    }
}
