package org.blobarena.arena.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Positional reads of one file over as few or as many descriptors as pay.
 *
 * <p>Reads on one {@code FileChannel} hardly scale over threads, so a thread has a home among a few channels.
 * A home of its own is opened only while the {@link ChannelCache} has plenty; else threads share. The
 * cache may close any of them between two reads.
 */
public final class FileReader implements Closeable {

    private static final int CHANNELS = 4;

    private final Directory directory;
    private final String name;
    private final ChannelCache cache;
    private final boolean named;
    private final AtomicReferenceArray<ReadChannel> channels = new AtomicReferenceArray<>(CHANNELS);
    private volatile boolean closed;

    /**
     * A reader of a file with a name. Nothing is opened before the first read.
     *
     * @param directory where the file is
     * @param name the file
     * @param cache what its descriptors count against
     */
    public FileReader(Directory directory, String name, ChannelCache cache) {
        this.directory = directory;
        this.name = name;
        this.cache = cache;
        this.named = true;
    }

    /**
     * A reader of a file that is open already and cannot be opened again.
     *
     * @param directory where the file would be, for messages
     * @param anonymous the only handle of the file; it is this reader's from now on
     * @param cache what it counts against as long as this reader is open
     */
    public FileReader(Directory directory, FileHandle anonymous, ChannelCache cache) {
        this.directory = directory;
        this.name = "(temporary file)";
        this.cache = cache;
        this.named = false;
        channels.set(0, new ReadChannel(anonymous));
        cache.pin();
    }

    /**
     * Reads until the buffer is full or the file ends.
     *
     * @param target filled from its position
     * @param position offset of the first byte in the file
     * @return the number of bytes read
     * @throws IllegalStateException if this reader is closed
     * @throws IOException if the file cannot be opened or read
     */
    public int read(ByteBuffer target, long position) throws IOException {
        ReadChannel channel = acquire();
        try {
            return channel.handle().read(target, position);
        } finally {
            channel.release();
        }
    }

    /**
     * Refuses a reader that is closed.
     *
     * @throws IllegalStateException if this reader is closed
     */
    public void requireOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    /** Refuses reads from now on, lets those in flight finish, and closes the file after the last. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        synchronized (channels) {
            closed = true;
            for (int i = 0; i < CHANNELS; i++) {
                ReadChannel channel = channels.getAndSet(i, null);
                if (channel != null) {
                    if (named) {
                        cache.closed(channel);
                    } else {
                        cache.unpin();
                    }
                    try {
                        channel.close();
                    } catch (IOException e) {
                        failure = e;
                    }
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public String toString() {
        return directory.path().resolve(name).toString();
    }

    private ReadChannel acquire() throws IOException {
        int home = named ? (int) Thread.currentThread().getId() & (CHANNELS - 1) : 0;
        while (true) {
            ReadChannel channel = channels.get(home);
            if (channel != null && channel.acquire()) {
                return channel;
            }
            requireOpen();
            if (home != 0 && !cache.hasPlenty()) {
                home = 0;
            } else {
                ReadChannel opened = replace(home, channel);
                if (opened != null) {
                    return opened;
                }
            }
        }
    }

    /**
     * Returns a new descriptor, claimed for the caller; null when somebody else has replaced the dead one meanwhile.
     */
    private @Nullable ReadChannel replace(int slot, @Nullable ReadChannel dead) throws IOException {
        synchronized (channels) {
            if (closed || channels.get(slot) != dead) {
                return null;
            }
            ReadChannel opened = new ReadChannel(directory.openRead(name));
            opened.acquire(); // Before the cache knows it, so that nobody can close it unread.
            channels.set(slot, opened);
            cache.opened(opened);
            return opened;
        }
    }
}
