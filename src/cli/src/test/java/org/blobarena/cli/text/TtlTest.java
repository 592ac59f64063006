package org.blobarena.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.blobarena.store.api.Expiry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TtlTest {

    private final Ttl.Converter converter = new Ttl.Converter();

    @ParameterizedTest
    @CsvSource({
        "1ms, PT0.001S",
        "90s, PT90S",
        "15m, PT15M",
        "15M, PT15M",
        "12h, PT12H",
        "7d, PT168H",
        "PT36H, PT36H",
        "P7DT1S, PT168H1S",
        "pt0.5s, PT0.5S"
    })
    void durationsAreRead(String text, Duration expected) {
        assertThat(converter.convert(text).expiry()).isEqualTo(Expiry.after(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5 s", "5w", "-5s", "1.5h", "12h30m", "PT", "P1Y", "soon"})
    void whatIsNoDurationIsNamed(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "' is no duration");
    }

    @ParameterizedTest
    @CsvSource({"0s, less than one millisecond", "-PT5S, less than one millisecond", "999999999999999999d, too long"})
    void durationsOutOfRangeAreNamed(String text, String problem) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining(problem);
    }
}
