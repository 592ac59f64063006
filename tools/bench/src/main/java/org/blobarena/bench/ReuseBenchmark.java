package org.blobarena.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reads that fill what their caller has, against one that gives a new array. For the profiler of allocation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ReuseBenchmark {

    private static final int BLOBS = 10_000;
    private static final int BLOB_BYTES = 4096;

    private final String[] keys = new String[BLOBS];
    private final StringBuilder text = new StringBuilder(BLOB_BYTES);
    private Path directory;
    private BlobStore<String> store;
    private ByteBuffer buffer = ByteBuffer.allocate(BLOB_BYTES);
    private int next;

    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory("blobarena-bench-");
        store = BlobStore.open(directory.resolve("store"), KeyCodec.utf8());
        byte[] blob = "x".repeat(BLOB_BYTES).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int i = 0; i < BLOBS; i++) {
            keys[i] = "https://example.org/" + i;
            store.put(keys[i], blob);
        }
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        store.close();
        List<Path> paths;
        try (Stream<Path> all = Files.walk(directory)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    @Benchmark
    public byte[] newArray() throws IOException {
        return store.get(key());
    }

    @Benchmark
    public ByteBuffer reusedBuffer() throws IOException {
        buffer = store.get(key(), buffer, ByteBuffer::allocate);
        return buffer;
    }

    @Benchmark
    public StringBuilder reusedText() throws IOException {
        text.setLength(0);
        store.appendTo(key(), text);
        return text;
    }

    @Benchmark
    public Boolean inPlace() throws IOException {
        return store.read(key(), blob -> blob.get(blob.position()) == 'x');
    }

    private String key() {
        next = next + 1 == BLOBS ? 0 : next + 1;
        return keys[next];
    }
}
