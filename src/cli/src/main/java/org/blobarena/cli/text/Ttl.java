package org.blobarena.cli.text;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.store.api.Expiry;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time to live. */
public record Ttl(Expiry expiry) {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,18})(ms|s|m|h|d)");

    /** Reads a number with a unit, such as {@code 90s}, {@code 15m}, {@code 12h} or {@code 7d}, or ISO 8601. */
    public static final class Converter implements ITypeConverter<Ttl> {

        @Override
        public Ttl convert(String value) {
            Duration duration;
            try {
                duration = duration(value.toLowerCase(Locale.ROOT));
            } catch (DateTimeException e) {
                throw new TypeConversionException(
                        "'" + value + "' is no duration such as 90s, 15m, 12h, 7d, or PT36H as ISO 8601 has it");
            } catch (ArithmeticException e) {
                throw new TypeConversionException("'" + value + "' is too long");
            }
            try {
                return new Ttl(Expiry.after(duration));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + value + "' is less than one millisecond");
            }
        }

        private static Duration duration(String text) {
            Matcher parts = SHORT.matcher(text);
            if (!parts.matches()) {
                return Duration.parse(text);
            }
            long count = Long.parseLong(parts.group(1));
            return switch (parts.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        }
    }
}
