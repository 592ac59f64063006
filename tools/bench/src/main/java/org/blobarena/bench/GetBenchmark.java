package org.blobarena.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.blobarena.arena.ArenaOptions;
import org.blobarena.arena.FileArena;
import org.blobarena.arena.FileArenaWriter;
import org.blobarena.arena.Location;
import org.blobarena.store.BlobStore;
import org.blobarena.store.IndexKind;
import org.blobarena.store.api.KeyCodec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A get of a blob that is in the page cache, against the least that it can cost: one positional read of as many
 * bytes into a direct buffer that is used again, and a copy into a new array.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class GetBenchmark {

    @Param({"100", "1024", "4096", "65536"})
    private int blobBytes;

    @Param("50000")
    private int blobs;

    @Param({"TABLE", "CHRONICLE_MAP"})
    private IndexKind index;

    private Path directory;
    private BlobStore<Long> store;
    private FileArena arena;
    private Location[] locations;
    private FileChannel file;

    /** A thread's own buffers. */
    @State(Scope.Thread)
    public static class Buffers {

        private final ByteBuffer direct = ByteBuffer.allocateDirect(1 << 20);
        private final ByteBuffer heap = ByteBuffer.allocate(1 << 20);
    }

    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory("blobarena-bench-");
        store = BlobStore.builder(KeyCodec.longs()).index(index).open(directory.resolve("store"));
        FileArenaWriter writer = FileArenaWriter.create(directory.resolve("arena"), 0, ArenaOptions.defaults());
        locations = new Location[blobs];
        SplittableRandom random = new SplittableRandom(1);
        byte[] blob = new byte[blobBytes];
        for (int i = 0; i < blobs; i++) {
            random.nextBytes(blob);
            store.put((long) i, blob);
            locations[i] = writer.push(blob);
        }
        arena = writer.intoArena();
        file = FileChannel.open(directory.resolve("arena"), StandardOpenOption.READ);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        store.close();
        arena.close();
        file.close();
        List<Path> paths;
        try (Stream<Path> all = Files.walk(directory)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    @Benchmark
    public byte[] bareChannel(Buffers buffers) throws IOException {
        long offset = (long) ThreadLocalRandom.current().nextInt(blobs) * blobBytes;
        ByteBuffer buffer = buffers.direct.clear().limit(blobBytes);
        file.read(buffer, offset);
        byte[] blob = new byte[blobBytes];
        buffer.flip().get(blob);
        return blob;
    }

    @Benchmark
    public byte[] arenaGet() throws IOException {
        return arena.get(locations[ThreadLocalRandom.current().nextInt(blobs)]);
    }

    @Benchmark
    public ByteBuffer arenaGetIntoBuffer(Buffers buffers) throws IOException {
        arena.get(locations[ThreadLocalRandom.current().nextInt(blobs)], buffers.direct.clear());
        return buffers.direct;
    }

    @Benchmark
    public byte[] storeGet() throws IOException {
        return store.get((long) ThreadLocalRandom.current().nextInt(blobs));
    }

    @Benchmark
    public ByteBuffer storeGetIntoBuffer(Buffers buffers) throws IOException {
        store.get((long) ThreadLocalRandom.current().nextInt(blobs), buffers.heap.clear());
        return buffers.heap;
    }
}
