package org.blobarena.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The list of planted bugs keeps step with the code. */
class MutantListTest {

    private static final int MUTANTS_MIN = 60;

    private final List<Mutant> mutants = Mutant.parse(MutantRun.LIST);

    MutantListTest() throws IOException {}

    @Test
    void everyMutantAppliesAtOnePlaceAndChangesIt() throws IOException {
        for (Mutant mutant : mutants) {
            String source = Files.readString(Path.of(mutant.file()));
            assertThat(mutant.plantIn(source)).as(mutant.name()).isNotEqualTo(source);
        }
    }

    @Test
    void everyMutantHasANameOfItsOwnAndTestsThatExist() throws Exception {
        assertThat(mutants).hasSizeGreaterThanOrEqualTo(MUTANTS_MIN);
        assertThat(mutants).extracting(Mutant::name).doesNotHaveDuplicates();
        for (Mutant mutant : mutants) {
            for (String test : mutant.tests()) {
                assertThat(MutantRun.qualified(test)).as(mutant.name()).isNotNull();
            }
        }
    }

    @Test
    void mutantWhosePlaceIsGoneOrIsNotTheOnlyOneIsRefused() {
        Mutant mutant = new Mutant("m", "all", "F.java", List.of("T"), false, List.of(" {", "-a();", "+b();"));
        assertThat(mutant.plantIn("{\n  a();\n}\n")).isEqualTo("{\nb();\n}\n");
        assertThatThrownBy(() -> mutant.plantIn("a();\n")).hasMessageContaining("nowhere");
        assertThatThrownBy(() -> mutant.plantIn("{\na();\n{\na();\n")).hasMessageContaining("lines 1 and 3");
    }
}
