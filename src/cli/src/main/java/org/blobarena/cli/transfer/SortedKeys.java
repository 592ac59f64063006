package org.blobarena.cli.transfer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.text.Key;
import org.jspecify.annotations.Nullable;

/**
 * Keys in the order of their bytes, however many there are: what does not fit in memory is sorted in runs, which stand in
 * a temporary file without a name and are merged.
 */
public final class SortedKeys implements Closeable {

    public static final long USUAL_BYTES = 8 << 20;

    /** What a key takes of memory beside its bytes, roughly. */
    private static final int KEY_BYTES = 64;

    private final long bytesMax;
    private final List<Key> keys = new ArrayList<>();
    private final List<Long> runEnds = new ArrayList<>();
    private @Nullable FileChannel runs;
    private long bytes;

    /** @param bytesMax how much memory keys take before they go to the file */
    public SortedKeys(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /**
     * Returns all keys of a store that can be read: one that cannot takes no other with it.
     *
     * @param prefix what they begin with
     * @param problems gets what is wrong with the others
     */
    public static SortedKeys of(ReadableBlobs blobs, Key prefix, Consumer<String> problems) throws IOException {
        SortedKeys sorted = new SortedKeys(USUAL_BYTES);
        try (Stream<Key> keys = blobs.keys()) {
            Iterator<Key> iterator = keys.iterator();
            while (true) {
                try {
                    if (!iterator.hasNext()) {
                        return sorted;
                    }
                    Key key = iterator.next();
                    if (key.startsWith(prefix)) {
                        sorted.add(key);
                    }
                } catch (UncheckedIOException e) {
                    problems.accept(Failures.describe(e));
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            sorted.close();
            throw e;
        }
    }

    public void add(Key key) throws IOException {
        keys.add(key);
        bytes += key.bytes().length + KEY_BYTES;
        if (bytes > bytesMax) {
            writeRun();
        }
    }

    /** What is done with each key. */
    @FunctionalInterface
    public interface Action {
        void accept(Key key) throws IOException;
    }

    /** Visits all keys, in order. */
    public void forEach(Action action) throws IOException {
        keys.sort(null);
        PriorityQueue<Run> sources = new PriorityQueue<>(Comparator.comparing(Run::head));
        addIfAny(sources, Run.of(keys.iterator()));
        if (runs != null) {
            long start = 0;
            for (long end : runEnds) {
                addIfAny(sources, Run.of(new DataInputStream(new BufferedInputStream(new Slice(runs, start, end)))));
                start = end;
            }
        }
        for (Run least = sources.poll(); least != null; least = sources.poll()) {
            action.accept(least.head());
            addIfAny(sources, least);
        }
    }

    @Override
    public void close() throws IOException {
        if (runs != null) {
            runs.close();
        }
    }

    private static void addIfAny(PriorityQueue<Run> sources, Run run) throws IOException {
        if (run.advance()) {
            sources.add(run);
        }
    }

    private void writeRun() throws IOException {
        FileChannel file = runs == null ? temporary() : runs;
        runs = file;
        keys.sort(null);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file)));
        for (Key key : keys) {
            out.writeInt(key.bytes().length);
            out.write(key.bytes());
        }
        out.flush();
        runEnds.add(file.position());
        keys.clear();
        bytes = 0;
    }

    private static FileChannel temporary() throws IOException {
        Path file = Files.createTempFile("blobarena-keys-", null);
        return FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Keys in order, of which the first is looked at. */
    private static final class Run {

        private final Next next;
        private @Nullable Key head;

        private Run(Next next) {
            this.next = next;
        }

        /** The next key, or null. */
        @FunctionalInterface
        private interface Next {
            @Nullable Key get() throws IOException;
        }

        static Run of(Iterator<Key> keys) {
            return new Run(() -> keys.hasNext() ? keys.next() : null);
        }

        static Run of(DataInputStream in) {
            return new Run(() -> {
                int length;
                try {
                    length = in.readInt();
                } catch (EOFException e) {
                    return null;
                }
                byte[] bytes = new byte[length];
                in.readFully(bytes);
                return new Key(bytes);
            });
        }

        Key head() {
            if (head == null) {
                throw new IllegalStateException("there are no more keys");
            }
            return head;
        }

        boolean advance() throws IOException {
            head = next.get();
            return head != null;
        }
    }

    /** A part of a file. */
    private static final class Slice extends InputStream {

        private final FileChannel file;
        private final long end;
        private long position;

        Slice(FileChannel file, long start, long end) {
            this.file = file;
            this.position = start;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            if (position == end) {
                return -1;
            }
            int count = file.read(ByteBuffer.wrap(target, from, (int) Math.min(length, end - position)), position);
            position += Math.max(0, count);
            return count;
        }
    }
}
