package org.blobarena.index.chronicle.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AvailabilityTest {

    @Test
    void chronicleMapRunsHere() {
        assertThat(Availability.problem()).isNull();
        assertThat(Availability.find(name -> true, () -> {})).isNull();
    }

    @Test
    void missingJarsAndMissingClassesOfTheJdkAreToldBeforeAnythingIsStarted() {
        assertThat(Availability.find(name -> !name.startsWith("net.openhft."), AvailabilityTest::unwanted))
                .contains("jars of Chronicle Map");
        assertThat(Availability.find(name -> !name.startsWith("jdk."), AvailabilityTest::unwanted))
                .contains("JDK " + Runtime.version().feature())
                .contains("jdk.internal.ref.Cleaner");
    }

    @Test
    void whatStartingMeetsIsAReason() {
        assertThat(found(new IllegalStateException("start java with a flag"))).isEqualTo("start java with a flag");
        assertThat(found(new ExceptionInInitializerError(new ClassNotFoundException("jdk.Gone"))))
                .contains("ClassNotFoundException: jdk.Gone");
        assertThat(found(new NoClassDefFoundError("jdk/Gone"))).contains("NoClassDefFoundError: jdk/Gone");
        assertThat(found(new UnsupportedOperationException("arrayBaseOffset"))).contains("arrayBaseOffset");
    }

    /** It is of the moment, and not of the JVM. */
    @Test
    void wantOfMemoryIsNoReason() {
        assertThatThrownBy(() -> found(new OutOfMemoryError("heap"))).isInstanceOf(OutOfMemoryError.class);
    }

    private static void unwanted() {
        throw new AssertionError("started");
    }

    private static String found(Throwable thrown) {
        return Availability.find(name -> true, () -> AvailabilityTest.<RuntimeException>sneak(thrown));
    }

    @SuppressWarnings("unchecked") // The compiler takes it for a T, of which there is nothing at run time.
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
