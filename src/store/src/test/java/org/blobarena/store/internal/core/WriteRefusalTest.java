package org.blobarena.store.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.store.api.WritesRefusedException;
import org.junit.jupiter.api.Test;

class WriteRefusalTest {

    private final WriteRefusal refusal = new WriteRefusal();

    private static void lose() throws IOException {
        throw new DirectoryLostException("lost");
    }

    @Test
    void writesAreTakenUntilTheyAreRefusedForAReason() {
        assertThatCode(refusal::require).doesNotThrowAnyException();
        IOException reason = new IOException("Input/output error");
        refusal.refuse(reason);
        assertThat(refusal.isRefused()).isTrue();
        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(refusal::require)
                .withCause(reason);
    }

    @Test
    void stepThatFindsTheDirectoryLostIsTheLast() {
        assertThatExceptionOfType(WritesRefusedException.class)
                .isThrownBy(() -> refusal.watch(WriteRefusalTest::lose))
                .withMessageContaining("lost");
        assertThatExceptionOfType(WritesRefusedException.class).isThrownBy(refusal::require);
    }

    @Test
    void stepThatFailsForAnotherReasonEndsNothing() throws IOException {
        IOException failure = new IOException("No space left on device");
        assertThatThrownBy(() -> refusal.watch(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(refusal.isRefused()).isFalse();
        assertThat(refusal.<String>watchMaking(() -> "made")).isEqualTo("made");
    }
}
