package org.blobarena.arena.internal.channel;

import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file in memory, in parts, and the way to give that memory back.
 *
 * <p>From JDK 22 on this is an arena of {@code java.lang.foreign}, found by reflection since the library is compiled for JDK 17: a
 * read after the end is an exception there. Before it, the memory of a buffer is given back by {@code
 * sun.misc.Unsafe.invokeCleaner}, which the JDK has for that; where the module {@code jdk.unsupported} is missing, the
 * garbage collector does it.
 */
final class Mapping implements Closeable {

    private static final int FOREIGN_MEMORY_RELEASE = 22;
    private static final @Nullable Foreign FOREIGN =
            Runtime.version().feature() >= FOREIGN_MEMORY_RELEASE ? Foreign.found() : null;
    private static final @Nullable MethodHandle CLEANER = FOREIGN == null ? cleaner() : null;

    private final ByteBuffer[] parts;
    private final @Nullable AutoCloseable arena;
    private boolean closed;

    private Mapping(ByteBuffer[] parts, @Nullable AutoCloseable arena) {
        this.parts = parts;
        this.arena = arena;
    }

    /**
     * Maps the first bytes of a file.
     *
     * @param file may be closed afterwards
     * @param bytes 1 or more, all of which are there
     * @param partBytes the length of each part but the last
     * @throws IOException if it cannot be mapped; nothing of it is then
     */
    static Mapping of(FileChannel file, long bytes, int partBytes) throws IOException {
        ByteBuffer[] parts = new ByteBuffer[Math.toIntExact((bytes - 1) / partBytes + 1)];
        Mapping mapping = new Mapping(parts, FOREIGN == null ? null : FOREIGN.newArena());
        boolean complete = false;
        try {
            for (int i = 0; i < parts.length; i++) {
                long from = (long) i * partBytes;
                parts[i] = mapping.map(file, from, Math.min(partBytes, bytes - from));
            }
            complete = true;
            return mapping;
        } finally {
            if (!complete) {
                mapping.close();
            }
        }
    }

    private ByteBuffer map(FileChannel file, long from, long bytes) throws IOException {
        return FOREIGN == null
                ? file.map(FileChannel.MapMode.READ_ONLY, from, bytes)
                : FOREIGN.map(file, from, bytes, arena);
    }

    /** Returns a part, whose position is to be left alone: all threads share it. */
    ByteBuffer part(int index) {
        return parts[index];
    }

    /** Gives the memory back; again does nothing. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (arena != null) {
                arena.close();
            } else if (CLEANER != null) {
                for (ByteBuffer part : parts) {
                    if (part != null) {
                        CLEANER.invoke(part);
                    }
                }
            }
        } catch (Throwable e) {
            throw failure(e);
        }
        Arrays.fill(parts, ByteBuffer.allocate(0));
    }

    /** Returns what gives the memory of a buffer back; null if there is nothing. */
    private static @Nullable MethodHandle cleaner() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static IOException failure(Throwable thrown) throws IOException {
        if (thrown instanceof IOException e) {
            throw e;
        }
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return new IOException(thrown);
    }

    /** What this class needs of {@code java.lang.foreign}. */
    private record Foreign(MethodHandle ofShared, MethodHandle map, MethodHandle asByteBuffer) {

        static @Nullable Foreign found() {
            try {
                Class<?> arena = Class.forName("java.lang.foreign.Arena");
                Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                MethodType mapped =
                        MethodType.methodType(segment, FileChannel.MapMode.class, long.class, long.class, arena);
                return new Foreign(
                        lookup.findStatic(arena, "ofShared", MethodType.methodType(arena)),
                        lookup.findVirtual(FileChannel.class, "map", mapped),
                        lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class)));
            } catch (ReflectiveOperationException e) {
                return null;
            }
        }

        AutoCloseable newArena() throws IOException {
            try {
                return (AutoCloseable) ofShared.invoke();
            } catch (Throwable e) {
                throw failure(e);
            }
        }

        ByteBuffer map(FileChannel file, long from, long bytes, @Nullable AutoCloseable arena) throws IOException {
            try {
                Object segment = map.invoke(file, FileChannel.MapMode.READ_ONLY, from, bytes, arena);
                return (ByteBuffer) asByteBuffer.invoke(segment);
            } catch (Throwable e) {
                throw failure(e);
            }
        }
    }
}
