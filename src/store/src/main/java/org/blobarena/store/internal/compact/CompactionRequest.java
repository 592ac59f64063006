package org.blobarena.store.internal.compact;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.api.CompactionProgress;
import org.blobarena.store.api.StoreClosedException;
import org.blobarena.store.internal.core.Failures;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for a compaction of everything. He is told on his own thread how far it is, as fast as he listens: the
 * thread that compacts waits for nobody, so that neither compaction nor the store's close hang on him.
 */
final class CompactionRequest {

    private final CompactionProgress progress;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /** The rest, with the lock. */
    private long bytesDone;

    private long bytesTotal;
    private boolean untold;
    private boolean ended;
    private @Nullable Throwable failure;

    CompactionRequest(CompactionProgress progress) {
        this.progress = progress;
    }

    /** There is more to do. */
    void add(long bytes) {
        report(0, bytes);
    }

    void done(long bytes) {
        report(bytes, 0);
    }

    private void report(long moreDone, long moreToDo) {
        lock.lock();
        try {
            bytesDone += moreDone;
            bytesTotal += moreToDo;
            untold = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** @param cause why it was not completed, null if it was */
    void end(@Nullable Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            ended = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the end. An interrupt does not end the waiting; the flag stays set.
     *
     * @throws StoreClosedException if the store was closed before
     */
    void await(Path path) throws IOException {
        boolean more = true;
        while (more) {
            more = passOn();
        }
        Throwable cause = failure();
        if (cause instanceof CancellationException) {
            throw new StoreClosedException("the store at " + path + " was closed while it was compacted");
        }
        if (cause instanceof IOException) {
            throw Failures.translate(
                    new IOException("the store at " + path + " could not be compacted: " + cause.getMessage(), cause));
        }
        if (cause != null) {
            throw new IllegalStateException("the store at " + path + " could not be compacted", cause);
        }
    }

    private @Nullable Throwable failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for news and passes them on; false when there will be no more. */
    private boolean passOn() {
        long done;
        long total;
        boolean last;
        boolean isNew;
        lock.lock();
        try {
            while (!untold && !ended) {
                news.awaitUninterruptibly();
            }
            done = bytesDone;
            total = bytesTotal;
            isNew = untold;
            last = ended;
            untold = false;
        } finally {
            lock.unlock();
        }
        if (isNew) {
            progress.update(done, total);
        }
        return !last;
    }
}
