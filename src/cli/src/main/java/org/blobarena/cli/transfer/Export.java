package org.blobarena.cli.transfer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.blobarena.arena.internal.io.NoSpaceException;
import org.blobarena.cli.text.Key;

/**
 * Writes blobs to files, one after the other. Several files at a time are put on the device, by threads of their own, as
 * a force takes far longer than to write a small file; but what became of them is told in the order of the keys, and no
 * key is begun that lies below one whose file is not in its place yet.
 */
public final class Export implements BlobSink {

    private static final int THREADS = 8;
    private static final int PENDING_MAX = 4 * THREADS;

    private final ReadableBlobs blobs;
    private final ExportTree tree;
    private final Names names;
    private final Skipped skipped;
    private final LongConsumer exported;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
        Thread thread = new Thread(work, "blobarena-export");
        thread.setDaemon(true);
        return thread;
    });
    private final Deque<Pending> pending = new ArrayDeque<>();

    /** @param exported gets the length of each blob that is in its place */
    public Export(ReadableBlobs blobs, ExportTree tree, Names names, Skipped skipped, LongConsumer exported) {
        this.blobs = blobs;
        this.tree = tree;
        this.names = names;
        this.skipped = skipped;
        this.exported = exported;
    }

    /** A blob that is written, but perhaps not in its place. */
    private record Pending(Key key, long bytes, Future<?> done) {}

    @Override
    public void add(Key key) throws IOException {
        if (pending.size() >= PENDING_MAX) {
            settleFirst();
        }
        if (isBelowPending(key)) {
            settle();
        }
        try (InputStream content = blobs.openStream(key)) {
            if (content != null) {
                write(key, content);
            }
        } catch (NoSpaceException e) {
            throw e;
        } catch (IOException e) {
            settle();
            report(key, e);
        }
    }

    @Override
    public void settle() throws IOException {
        while (!pending.isEmpty()) {
            settleFirst();
        }
    }

    /** What is pending gets to its place all the same. */
    @Override
    public void close() {
        for (Pending last : pending) {
            try {
                last.done.get();
                exported.accept(last.bytes);
            } catch (ExecutionException e) {
                // The command ends for another failure, which is told.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        threads.shutdown();
    }

    private void write(Key key, InputStream content) throws IOException {
        Names.Name name = names.name(key);
        if (name.sidecar() != null) {
            // First, so that no blob is without its key.
            try (OutputFile file = tree.begin(Key.of(name.sidecar()))) {
                file.write(new ByteArrayInputStream(key.bytes()));
                file.commit();
            }
        }
        OutputFile file = tree.begin(Key.of(name.text()));
        long bytes;
        try {
            bytes = file.write(content);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
        Future<?> done = threads.submit(() -> {
            try (file) {
                file.commit();
            }
            return null;
        });
        pending.add(new Pending(key, bytes, done));
    }

    private void settleFirst() throws IOException {
        Pending first = pending.remove();
        try {
            first.done.get();
            exported.accept(first.bytes);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure && !(failure instanceof NoSpaceException)) {
                report(first.key, failure);
            } else {
                throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted while a file was put on the device");
        }
    }

    private void report(Key key, IOException failure) {
        BlobSink.report(skipped, key, failure);
    }

    private boolean isBelowPending(Key key) {
        for (Pending other : pending) {
            int length = other.key.bytes().length;
            if (key.startsWith(other.key) && key.bytes().length > length && key.bytes()[length] == '/') {
                return true;
            }
        }
        return false;
    }
}
