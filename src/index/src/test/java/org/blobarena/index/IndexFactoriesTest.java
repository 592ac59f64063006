package org.blobarena.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IndexFactoriesTest {

    private final Kind plain = new Kind("plain", 0, null);
    private final Kind better = new Kind("better", 100, null);
    private final Kind broken = new Kind("broken", 200, "this JVM is too new");

    @Test
    void preferredIsUsedAndOthersAreNotAsked() {
        assertThat(new IndexFactories(List.of(plain, better)).preferred())
                .isEqualTo(new IndexFactories.Choice(better, List.of()));
        assertThat(plain.asked).isFalse();
    }

    @Test
    void whatCannotBeUsedIsPassedOverWithItsReason() {
        IndexFactories.Choice choice = new IndexFactories(List.of(plain, broken)).preferred();
        assertThat(choice.factory()).isSameAs(plain);
        assertThat(choice.passedOver()).containsExactly("broken: this JVM is too new");
    }

    @Test
    void noneThatCanBeUsedIsAnExceptionWithTheReasons() {
        IndexFactories factories = new IndexFactories(List.of(broken));
        assertThatThrownBy(factories::preferred)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("broken: this JVM is too new");
    }

    @Test
    void whatIsAskedForIsUsedOrSaysWhyNot() {
        IndexFactories factories = new IndexFactories(List.of(plain, better, broken));
        assertThat(factories.named("plain")).isSameAs(plain);
        assertThat(broken.asked).isFalse();
        assertThatThrownBy(() -> factories.named("broken"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this JVM is too new");
        assertThatThrownBy(() -> factories.named("other"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'other'")
                .hasMessageContaining("broken, better, plain")
                .hasMessageContaining("META-INF/services");
    }

    @Test
    void fileIsReadByWhoMadeIt() {
        IndexFactories factories = new IndexFactories(List.of(plain, broken));
        assertThat(factories.owning("plain")).containsSame(plain);
        assertThat(factories.owning("broken")).isEmpty();
        assertThat(factories.owning("other")).isEmpty();
    }

    @Test
    void filesOfOneKindTellWhoMadeThem() {
        IndexFactories factories = new IndexFactories(List.of(plain, better, broken));
        assertThat(factories.owningAll(List.of("plain", "plain"))).containsSame(plain);
        assertThat(factories.owningAll(List.of())).isEmpty();
        assertThat(factories.owningAll(List.of("plain", "better"))).isEmpty();
        assertThat(factories.owningAll(List.of("plain", "other"))).isEmpty();
        assertThat(factories.owningAll(List.of("other", "plain"))).isEmpty();
        assertThat(factories.owningAll(List.of("broken"))).isEmpty();
    }

    /** A kind that makes nothing, whose files have its name. */
    private static final class Kind implements LocationIndexFactory {

        private final String name;
        private final int preference;
        private final @Nullable String reason;
        private boolean asked;

        Kind(String name, int preference, @Nullable String reason) {
            this.name = name;
            this.preference = preference;
            this.reason = reason;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int preference() {
            return preference;
        }

        @Override
        public @Nullable String unavailable() {
            asked = true;
            return reason;
        }

        @Override
        public boolean owns(String fileName) {
            return fileName.equals(name);
        }

        @Override
        public LocationIndex create(Path directory, long expectedKeys) {
            throw new AssertionError();
        }

        @Override
        public LocationIndex open(Path directory, String file, long expectedSize) {
            throw new AssertionError();
        }

        @Override
        public LocationIndex openCopy(Path directory, String file, long expectedSize, Path scratch) {
            throw new AssertionError();
        }
    }
}
