package org.blobarena.bench.macro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.blobarena.bench.engine.Scale;
import org.junit.jupiter.api.Test;

/** That a wrong blob is noticed, without which nothing that was measured counts. */
class ContentTest {

    private static final int BLOB_BYTES = 100;

    private final Content content = new Content(BLOB_BYTES);

    @Test
    void aBlobIsThatOfItsKeyAndVersionAlone() {
        byte[] blob = content.newBlob();
        content.blob(7, 2, blob);
        assertThatCode(() -> content.check(blob, 7, 2)).doesNotThrowAnyException();
        assertThatThrownBy(() -> content.check(blob, 8, 2)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> content.check(blob, 7, 1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> content.check(null, 7, 2)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> content.check(new byte[BLOB_BYTES - 1], 7, 2)).isInstanceOf(AssertionError.class);
    }

    @Test
    void everyByteThatChangesIsNoticed() {
        for (int i = 0; i < BLOB_BYTES; i++) {
            byte[] blob = content.newBlob();
            content.blob(7, 2, blob);
            blob[i] ^= 1;
            assertThatThrownBy(() -> content.check(blob, 7, 2)).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void keysDiffer() {
        Set<String> keys = new HashSet<>();
        byte[] key = new byte[Scale.KEY_BYTES];
        for (int number = 0; number < 10_000; number++) {
            Content.key(number, key);
            keys.add(HexFormat.of().formatHex(key));
        }
        assertThat(keys).hasSize(10_000);
    }
}
