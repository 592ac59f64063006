package org.blobarena.arena.internal.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Positional reads of one file over as few or as many descriptors as pay.
 *
 * <p>Reads on one {@code FileChannel} hardly scale over threads, so a thread has a home among a few channels.
 * A home of its own is opened only while the {@link ChannelCache} has plenty; else threads share. The
 * cache may close any of them between two reads. Of a file without a name there is one only, which stays open.
 *
 * <p>A file that is complete may be mapped instead. Its mapping is one channel like the others: it counts, may be given up
 * between two reads, and is made again.
 */
public final class FileReader implements Closeable {

    private static final int CHANNELS = 4;

    private final Directory directory;
    private final String name;
    private final ChannelCache cache;

    /** Whether the file can be opened again. Changed with {@link #channels} locked. */
    private volatile boolean named;

    /** How many bytes of the file to map; 0 as long as it is read by position. */
    private volatile long mappedBytes;

    private final AtomicReferenceArray<Channel> channels = new AtomicReferenceArray<>(CHANNELS);
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
        this(directory, "(temporary file)", anonymous, cache);
    }

    /**
     * The same, of a file that has a name for messages.
     *
     * @param directory where the file is, or was
     * @param name its name, which may go
     * @param held the only handle of the file; it is this reader's from now on
     * @param cache what it counts against as long as this reader is open
     */
    public FileReader(Directory directory, String name, FileHandle held, ChannelCache cache) {
        this.directory = directory;
        this.name = name;
        this.cache = cache;
        this.named = false;
        channels.set(0, new Channel(held));
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
        Channel channel = acquire();
        try {
            return channel.handle().read(target, position);
        } finally {
            channel.release();
        }
    }

    /**
     * Reads the file through a mapping from now on, where that can be had. One without a name is read as before.
     *
     * @param bytes the length of the file, which does not change any more
     */
    public void map(long bytes) {
        synchronized (channels) {
            if (!closed && named && bytes > 0) {
                mappedBytes = bytes;
                for (int i = 0; i < CHANNELS; i++) {
                    drop(i, null);
                }
            }
        }
    }

    /**
     * Makes the file readable from now on without its name, which may then go. Again does nothing.
     *
     * @throws java.nio.file.NoSuchFileException if the name is gone already; nothing is changed
     * @throws IOException if the file cannot be opened; nothing is changed
     */
    public void outliveName() throws IOException {
        synchronized (channels) {
            if (closed || !named) {
                return;
            }
            // Nothing is written through it, but such a handle needs no name.
            Channel only = new Channel(directory.openWrite(name));
            named = false;
            mappedBytes = 0;
            cache.pin();
            for (int i = 0; i < CHANNELS; i++) {
                drop(i, i == 0 ? only : null);
            }
        }
    }

    /** With {@link #channels} locked, of a file that was read by its name. */
    private void drop(int slot, @Nullable Channel replacement) {
        Channel before = channels.getAndSet(slot, replacement);
        if (before != null) {
            cache.closed(before);
            closeQuietly(before);
        }
    }

    /** A file that was only read loses nothing by an error here. */
    private static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            return;
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
                Channel channel = channels.getAndSet(i, null);
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

    private Channel acquire() throws IOException {
        int home = (int) Thread.currentThread().getId() & (CHANNELS - 1);
        while (true) {
            home = named && mappedBytes == 0 ? home : 0;
            Channel channel = channels.get(home);
            if (channel != null && channel.acquire()) {
                return channel;
            }
            requireOpen();
            if (home != 0 && !cache.hasPlenty()) {
                home = 0;
            } else {
                Channel opened = replace(home, channel);
                if (opened != null) {
                    return opened;
                }
            }
        }
    }

    /**
     * Returns a new descriptor, claimed for the caller; null when somebody else has replaced the dead one meanwhile.
     */
    private @Nullable Channel replace(int slot, @Nullable Channel dead) throws IOException {
        synchronized (channels) {
            if (closed || !named || channels.get(slot) != dead) {
                return null;
            }
            long bytes = mappedBytes;
            Channel opened = new Channel(bytes == 0 ? directory.openRead(name) : directory.openMapped(name, bytes));
            opened.acquire(); // Before the cache knows it, so that nobody can close it unread.
            channels.set(slot, opened);
            cache.opened(opened);
            return opened;
        }
    }

    /**
     * One descriptor of a file with a count of the reads in flight, so that it is closed between reads and never
     * under one.
     */
    static final class Channel {

        private static final int CLOSING = 1 << 30;
        private static final int CLOSED = -1;

        private final FileHandle handle;
        private final AtomicInteger state = new AtomicInteger();
        private volatile boolean read;

        Channel(FileHandle handle) {
            this.handle = handle;
        }

        /** Claims the descriptor for one read; false when it is closed or about to be. */
        boolean acquire() {
            int users = state.get();
            while (users >= 0 && users < CLOSING) {
                if (state.compareAndSet(users, users + 1)) {
                    if (!read) {
                        read = true;
                    }
                    return true;
                }
                users = state.get();
            }
            return false;
        }

        FileHandle handle() {
            return handle;
        }

        void release() throws IOException {
            if (state.decrementAndGet() == CLOSING && state.compareAndSet(CLOSING, CLOSED)) {
                handle.close();
            }
        }

        boolean wasReadSinceLastAsked() {
            boolean was = read;
            read = false;
            return was;
        }

        boolean closeIfIdle() throws IOException {
            if (!state.compareAndSet(0, CLOSED)) {
                return false;
            }
            handle.close();
            return true;
        }

        /** Closes now or, when reads are in flight, with the last of them. */
        void close() throws IOException {
            int users = state.get();
            while (users >= 0 && users < CLOSING) {
                if (state.compareAndSet(users, users == 0 ? CLOSED : users + CLOSING)) {
                    if (users == 0) {
                        handle.close();
                    }
                    return;
                }
                users = state.get();
            }
        }
    }
}
