package org.blobarena.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArenaOptionsTest {

    @Test
    void defaultsAreThoseThatTheBuilderDocuments() {
        for (ArenaOptions options : new ArenaOptions[] {
            ArenaOptions.defaults(), ArenaOptions.builder().build()
        }) {
            assertThat(options.bufferBytes()).isEqualTo(65_536);
            assertThat(options.fileBytesMax()).isEqualTo(4_294_967_296L);
            assertThat(options.temporaryDirectory()).isEqualTo(TemporaryDirectories.byDefault());
            assertThat(options.descriptors()).isSameAs(DescriptorBudget.shared());
        }
    }

    @Test
    void whatIsSetIsWhatIsBuilt() {
        DescriptorBudget budget = DescriptorBudget.of(7);

        ArenaOptions options = ArenaOptions.builder()
                .bufferBytes(512)
                .fileBytesMax(1)
                .temporaryDirectory(Path.of("somewhere"))
                .descriptors(budget)
                .build();

        assertThat(options.bufferBytes()).isEqualTo(512);
        assertThat(options.fileBytesMax()).isEqualTo(1);
        assertThat(options.temporaryDirectory()).isEqualTo(Path.of("somewhere"));
        assertThat(options.descriptors()).isSameAs(budget);
    }

    @ParameterizedTest
    @ValueSource(ints = {511, 0, -1, Integer.MIN_VALUE})
    void bufferOfLessThan512BytesIsRefusedWithBothNumbers(int bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArenaOptions.builder().bufferBytes(bytes))
                .withMessageContainingAll(Integer.toString(bytes), "less than 512");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, (1L << 32) + 1, Long.MAX_VALUE})
    void fileLimitOutOfRangeIsRefusedWithTheRange(long bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArenaOptions.builder().fileBytesMax(bytes))
                .withMessageContainingAll(Long.toString(bytes), "1 to 4294967296");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void budgetOfNoDescriptorsIsRefused(int max) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DescriptorBudget.of(max))
                .withMessageContainingAll(Integer.toString(max), "less than 1");
    }
}
