package org.blobarena.infinispan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Expiry;
import org.blobarena.store.api.KeyCodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentedBlobsTest {

    private static final byte[] KEY = {1, 2, 3};

    @TempDir
    private Path temporary;

    private StoreDirectory directory;
    private SegmentedBlobs blobs;

    @BeforeEach
    void open() throws IOException {
        directory = StoreDirectory.open(temporary.resolve("store"));
        Partition partition = new Partition(key -> 0, 4, true, "four");
        blobs = new Opening(directory, BlobStore.builder(KeyCodec.bytes()), partition, key -> 0).open();
    }

    @AfterEach
    void close() throws IOException {
        blobs.close();
        directory.close();
    }

    @Test
    void keyThatComesAndGoesIsListedOnceInItsSegment() throws IOException {
        for (int round = 0; round < 10; round++) {
            blobs.put(2, KEY, new byte[] {9}, Expiry.never());
            assertThat(blobs.count(2)).isEqualTo(1);
            assertThat(blobs.keys(2)).containsExactly(KEY);
            assertThat(blobs.remove(2, KEY)).isTrue();
        }
        assertThat(blobs.count(2)).isZero();
        assertThat(blobs.keys(2)).isEmpty();
        assertThat(blobs.keys(1)).isEmpty();
    }

    @Test
    void blobThatIsWrittenAgainBeforeItsPurgeStays() throws IOException {
        blobs.put(1, KEY, new byte[] {7}, Expiry.at(Instant.ofEpochMilli(1000)));
        assertThat(blobs.contains(1, KEY, 999)).isTrue();
        assertThat(blobs.contains(1, KEY, 1000)).isFalse();
        blobs.put(1, KEY, new byte[] {8}, Expiry.at(Instant.ofEpochMilli(3000)));
        assertThat(blobs.removeExpired(1, KEY, 2000)).isNull();
        assertThat(blobs.get(1, KEY)).containsExactly(8);
        assertThat(blobs.removeExpired(1, KEY, 3000)).containsExactly(8);
        assertThat(blobs.get(1, KEY)).isNull();
        assertThat(blobs.count(1)).isZero();
    }
}
