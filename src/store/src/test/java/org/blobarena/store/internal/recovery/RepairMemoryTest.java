package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Durability;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.RepairReport;
import org.blobarena.store.testing.TestStores;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a repair keeps on the heap does not depend on how many keys there are or were. */
class RepairMemoryTest {

    private static final long REMOVED = 200_000;

    /** Less than a location of each of them would take, and the JVM, the index and the buffers with it. */
    private static final List<String> HEAP = List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    @TempDir
    Path temporary;

    @Test
    void repairOfAFileWithManyTombstonesNeedsMemoryForWhatIsLostAlone() throws Exception {
        Path directory = temporary.resolve("store");
        try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                .durability(Durability.BUFFERED)
                .automaticCompaction(false)
                .open(directory)) {
            store.put(-1L, new byte[100]);
            for (long key = 0; key < REMOVED; key++) {
                store.put(key, new byte[1]);
                store.remove(key);
            }
        }
        damageFirstBlob(TestStores.arenas(directory).get(0));

        try (ChildJvm child = ChildJvm.start(ChildJvm.classPath(), HEAP, Program.class, directory)) {
            assertThat(child.awaitEnd()).containsExactly("1 lost, 1 set aside");
        }
        try (BlobStore<Long> store = BlobStore.open(directory, KeyCodec.longs())) {
            assertThat(store.size()).isZero();
        }
    }

    private static void damageFirstBlob(Path file) throws IOException {
        assertThat(Files.size(file)).isGreaterThan(REMOVED);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {77}), 64 + 32 + Long.BYTES);
        }
    }

    /** Repairs the store in its argument. */
    static final class Program {

        private Program() {}

        public static void main(String[] args) throws IOException {
            RepairReport report = BlobStore.repair(Path.of(args[0]));
            System.out.println(
                    report.losses().size() + " lost, " + report.setAside().size() + " set aside");
        }
    }
}
