package org.blobarena.arena.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/**
 * An advisory lock on a file, in which the holder's process id stands as text.
 *
 * <p>The operating system drops it with the process. POSIX also drops it when the process closes <em>any</em>
 * descriptor of the file, so a second attempt within this process must be refused before the file is opened:
 * the table of held files does that. The locked byte lies far behind the text, because Windows lets nobody
 * read a locked range. The channel is an asynchronous one because no interrupt closes that.
 */
final class ProcessLock implements Closeable {

    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;
    private final AsynchronousFileChannel channel;

    private ProcessLock(Path file, AsynchronousFileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static ProcessLock take(Path path, FileAttribute<?>[] attributes) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        Path file = directory == null ? path : directory.toRealPath().resolve(path.getFileName());
        synchronized (HELD) {
            if (HELD.contains(file)) {
                throw held(file, Long.toString(ProcessHandle.current().pid()));
            }
            AsynchronousFileChannel channel = AsynchronousFileChannel.open(
                    file,
                    EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    null,
                    attributes);
            try {
                FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
                if (lock == null) {
                    throw held(file, readHolder(channel));
                }
                writeHolder(channel);
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw held(file, Long.toString(ProcessHandle.current().pid()));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            HELD.add(file);
            return new ProcessLock(file, channel);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            if (channel.isOpen()) {
                HELD.remove(file);
                channel.close();
            }
        }
    }

    private static void writeHolder(AsynchronousFileChannel channel) throws IOException {
        ByteBuffer text =
                StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n");
        int length = text.remaining();
        Interrupts.await(channel.write(text, 0)); // Over what is there, which a full device allows.
        channel.truncate(length);
    }

    private static String readHolder(AsynchronousFileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        Interrupts.await(channel.read(text, 0));
        String holder = StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
        return holder.matches("[0-9]+") ? holder : "unknown";
    }

    private static DirectoryLockedException held(Path file, String holder) {
        return new DirectoryLockedException(
                file.getParent() + " is in use by process " + holder + " (lock file " + file.getFileName() + ")");
    }
}
