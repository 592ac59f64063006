package org.blobarena.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Somebody who waits for a compaction of everything. */
final class CompactionRequest {

    private final CompactionProgress progress;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Throwable failure;
    private long bytesDone;
    private long bytesTotal;

    CompactionRequest(CompactionProgress progress) {
        this.progress = progress;
    }

    /** There is more to do. */
    void add(long bytes) {
        bytesTotal += bytes;
        progress.update(bytesDone, bytesTotal);
    }

    void done(long bytes) {
        bytesDone += bytes;
        progress.update(bytesDone, bytesTotal);
    }

    /** @param cause why it was not completed, null if it was */
    void end(@Nullable Throwable cause) {
        failure = cause;
        ended.countDown();
    }

    /**
     * Waits for the end. An interrupt does not end the waiting; the flag stays set.
     *
     * @throws StoreClosedException if the store was closed before
     */
    void await(Path path) throws IOException {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable cause = failure;
        if (cause instanceof CancellationException) {
            throw new StoreClosedException("the store at " + path + " was closed while it was compacted");
        }
        if (cause instanceof IOException) {
            throw DiskFullException.orSame(
                    new IOException("the store at " + path + " could not be compacted: " + cause.getMessage(), cause));
        }
        if (cause != null) {
            throw new IllegalStateException("the store at " + path + " could not be compacted", cause);
        }
    }
}
