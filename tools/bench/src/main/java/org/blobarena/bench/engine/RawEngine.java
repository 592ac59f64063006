package org.blobarena.bench.engine;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The limit that a store on files can come near to, and no store: blobs are appended to one file through a buffer of 1 MiB,
 * and read by a positional read into a direct buffer that is used again, from which they are copied into a new array. An array
 * of offsets, at the number that the key ends with, takes the place of an index. There is no checksum, and no space is
 * reclaimed. After a kill the offsets are found by a walk through the file, for blobs begin with the number of their key.
 */
final class RawEngine implements Engine {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final long ABSENT = -1;

    private final ThreadLocal<ByteBuffer> readBuffers;
    private final int blobBytes;
    private final FileChannel file;
    private final Path offsetsFile;
    private final long[] offsets;
    private final ByteBuffer buffer;
    private long bufferStart;

    private RawEngine(Path directory, Scale scale) throws IOException {
        blobBytes = scale.blobBytes();
        readBuffers = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(blobBytes));
        buffer = ByteBuffer.allocateDirect(Math.max(BUFFER_BYTES, blobBytes));
        file = FileChannel.open(
                directory.resolve("blobs"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        offsetsFile = directory.resolve("offsets");
        bufferStart = file.size() - file.size() % blobBytes;
        offsets = new long[scale.keys()];
        Arrays.fill(offsets, ABSENT);
        if (Files.exists(offsetsFile)) {
            ByteBuffer.wrap(Files.readAllBytes(offsetsFile)).asLongBuffer().get(offsets);
            Files.delete(offsetsFile);
        } else {
            walk();
        }
    }

    static Engine open(Path directory, Scale scale) throws IOException {
        return new RawEngine(directory, scale);
    }

    private void walk() throws IOException {
        ByteBuffer number = ByteBuffer.allocateDirect(Long.BYTES);
        for (long offset = 0; offset < bufferStart; offset += blobBytes) {
            file.read(number.clear(), offset);
            offsets[(int) number.getLong(0)] = offset;
        }
    }

    private static int number(byte[] key) {
        return (int) ByteBuffer.wrap(key).getLong(key.length - Long.BYTES);
    }

    @Override
    public synchronized void put(byte[] key, byte[] blob) throws IOException {
        if (buffer.remaining() < blob.length) {
            flush();
        }
        offsets[number(key)] = bufferStart + buffer.position();
        buffer.put(blob);
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            bufferStart += file.write(buffer, bufferStart);
        }
        buffer.clear();
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        int number = number(key);
        long offset = number < offsets.length ? offsets[number] : ABSENT;
        if (offset == ABSENT) {
            return null;
        }
        if (offset >= bufferStart) {
            synchronized (this) {
                flush();
            }
        }
        ByteBuffer read = readBuffers.get().clear();
        while (read.hasRemaining()) {
            if (file.read(read, offset + read.position()) < 0) {
                throw new EOFException("the file ends before " + offset + " + " + blobBytes);
            }
        }
        byte[] blob = new byte[blobBytes];
        read.flip().get(blob);
        return blob;
    }

    @Override
    public boolean contains(byte[] key) {
        int number = number(key);
        return number < offsets.length && offsets[number] != ABSENT;
    }

    @Override
    public synchronized void delete(byte[] key) {
        offsets[number(key)] = ABSENT;
    }

    @Override
    public synchronized void close() throws IOException {
        flush();
        file.close();
        ByteBuffer bytes = ByteBuffer.allocate(offsets.length * Long.BYTES);
        bytes.asLongBuffer().put(offsets);
        Files.write(offsetsFile, bytes.array());
    }
}
