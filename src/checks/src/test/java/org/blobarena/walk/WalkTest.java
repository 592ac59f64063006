package org.blobarena.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the way of a get and of a put from getting longer. */
class WalkTest {

    private static final int FILES_OF_GET_MAX = 31;
    private static final int FILES_OF_PUT_MAX = 49;

    private static List<Walk> walks;

    @BeforeAll
    static void walk(@TempDir Path directory) throws IOException, InterruptedException {
        walks = WalkDebugger.walks(directory);
    }

    @Test
    void getEntersFewFiles() {
        assertThat(walks.get(0).files())
                .as(walks.get(0).toString())
                .contains("org/blobarena/store/BlobStore.java")
                .hasSizeLessThanOrEqualTo(FILES_OF_GET_MAX);
    }

    @Test
    void putEntersFewFiles() {
        assertThat(walks.get(1).files())
                .as(walks.get(1).toString())
                .contains("org/blobarena/store/BlobStore.java")
                .hasSizeLessThanOrEqualTo(FILES_OF_PUT_MAX);
    }
}
