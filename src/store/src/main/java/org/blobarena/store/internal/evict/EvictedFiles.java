package org.blobarena.store.internal.evict;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.blobarena.store.internal.core.Background;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.core.StoreFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that were evicted and are still open. They have no name any more, so no crash brings them back, but the device has
 * their bytes until the last reader lets go and they are closed.
 *
 * <p>Closing one takes the system about a third of the time that writing it took, since it frees what it holds of the file in
 * memory. So a thread of its own does it while the next file is evicted: neither that nor a reader waits. Only where too much is
 * waiting is a file closed at once.
 *
 * <p>Safe from any thread.
 */
final class EvictedFiles implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(EvictedFiles.class);

    private final Background background;
    private final long waitingBytesMax;
    private final Runnable roomMade;
    private final Set<StoreFile> read = ConcurrentHashMap.newKeySet();
    private final Set<StoreFile> unread = ConcurrentHashMap.newKeySet();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean closed;

    /**
     * @param background closes them
     * @param waitingBytesMax how many bytes may wait for that
     * @param roomMade run when a file has left the directory
     */
    EvictedFiles(Background background, long waitingBytesMax, Runnable roomMade) {
        this.background = background;
        this.waitingBytesMax = waitingBytesMax;
        this.roomMade = roomMade;
    }

    /** The directory has a file no more, which is yet to leave the store. */
    void nameGone(StoreFile file) {
        file.markNameless();
        roomMade.run();
    }

    /** Closes a file when nobody reads it any more. It has left the store, and no location of the index points into it. */
    void add(StoreFile file) {
        read.add(file);
        file.retire(() -> closeSoon(file));
    }

    /** The bytes of those that are still read. */
    long bytes() {
        long bytes = 0;
        for (StoreFile file : read) {
            bytes += DiskUse.blocks(file.arena().length());
        }
        return bytes;
    }

    private void closeSoon(StoreFile file) {
        long bytes = file.arena().length();
        boolean waits = waitingBytes.addAndGet(bytes) <= waitingBytesMax;
        unread.add(file); // Before it is seen whether this is closed, which closes what is here by then.
        read.remove(file);
        if (!waits || closed || !background.tryExecute(() -> close(file))) {
            close(file);
        }
    }

    private void close(StoreFile file) {
        try {
            file.arena().close();
        } catch (IOException e) {
            LOG.warn("{}: a file that was evicted could not be closed", file, e);
        }
        if (unread.remove(file)) {
            waitingBytes.addAndGet(-file.arena().length());
        }
    }

    /** Closes them even while they are read. */
    @Override
    public void close() throws IOException {
        closed = true;
        background.stop();
        unread.forEach(this::close);
        Throwable failure = null;
        for (StoreFile file : read) {
            failure = Failures.after(failure, file.arena());
        }
        read.clear();
        Failures.rethrow(failure);
    }
}
