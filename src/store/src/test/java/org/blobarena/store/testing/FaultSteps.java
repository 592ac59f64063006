package org.blobarena.store.testing;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a store does with its directory, its files and its index, and lets a number of these steps in a row fail
 * before they are taken. For one thread.
 */
public final class FaultSteps {

    private static final Set<String> OPENING = Set.of("create", "openRead", "openWrite", "list", "link");
    private static final Set<String> TAKING_SPACE = Set.of("create", "rename", "write");

    private final Map<String, Integer> counts = new TreeMap<>();
    private int count;
    private int first = Integer.MAX_VALUE;
    private int length;
    private Fault fault = Fault.EIO;
    private int thrown;

    /** What fails. The words of the system are those of a user's language. */
    public enum Fault {
        EMFILE {
            @Override
            @Nullable Throwable of(String step) {
                return OPENING.contains(step) ? new FileSystemException("file", null, "Zu viele offene Dateien") : null;
            }
        },
        ENOSPC {
            @Override
            @Nullable Throwable of(String step) {
                return TAKING_SPACE.contains(step) ? new IOException("Auf dem Gerät ist kein Platz mehr") : null;
            }
        },
        EIO {
            @Override
            @Nullable Throwable of(String step) {
                return step.startsWith("index") ? null : new IOException("Eingabe-/Ausgabefehler");
            }
        },
        NO_MEMORY {
            @Override
            Throwable of(String step) {
                return new OutOfMemoryError("thrown by a test");
            }
        },
        NO_STACK {
            @Override
            Throwable of(String step) {
                return new StackOverflowError("thrown by a test");
            }
        };

        /** What a step throws; null when it does not meet this fault. */
        abstract @Nullable Throwable of(String step);
    }

    /** From now on the steps from a number on fail, as many as are given. */
    public void failFrom(int number, int steps, Fault kind) {
        first = number;
        length = steps;
        fault = kind;
    }

    /** From now on nothing fails. */
    public void failNoMore() {
        first = Integer.MAX_VALUE;
    }

    /** The steps so far. */
    public int count() {
        return count;
    }

    /** How many of them have failed. */
    public int thrown() {
        return thrown;
    }

    /** How often each was taken, by name. */
    public Map<String, Integer> counts() {
        return counts;
    }

    /** The same directory, whose steps and those of its files count. */
    public Directory over(Directory directory) {
        Set<String> uncounted = Set.of("path", "lock", "requireHeld", "usableBytes", "links");
        return proxy(Directory.class, directory, "", uncounted);
    }

    /** The same index, whose steps count. */
    public LocationIndex over(LocationIndex index) {
        return proxy(LocationIndex.class, index, "index ", Set.of("close", "fileBytes", "cursor", "size"));
    }

    /** Makes indexes on the heap whose steps count. None can be opened again, as after a crash. */
    public LocationIndexFactory indexes() {
        return new Indexes();
    }

    private final class Indexes implements LocationIndexFactory {

        private final LocationIndexFactory made = HeapLocationIndexFactory.forgetting();

        @Override
        public String name() {
            return made.name();
        }

        @Override
        public boolean owns(String fileName) {
            return made.owns(fileName);
        }

        @Override
        public LocationIndex create(Path path, long expectedKeys) throws IOException {
            return over(made.create(path, expectedKeys));
        }

        @Override
        public LocationIndex open(Path path, String name, long expectedSize) throws IOException {
            return made.open(path, name, expectedSize);
        }

        @Override
        public LocationIndex openCopy(Path path, String name, long expectedSize, Path scratch) throws IOException {
            return made.openCopy(path, name, expectedSize, scratch);
        }
    }

    private <T> T proxy(Class<T> type, T target, String prefix, Set<String> uncounted) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            if (method.getDeclaringClass() != Object.class && !uncounted.contains(method.getName())) {
                step(prefix + method.getName());
            }
            try {
                Object result = method.invoke(target, args);
                return result instanceof FileHandle handle
                        ? proxy(FileHandle.class, handle, "file ", Set.of())
                        : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    private void step(String name) throws Throwable {
        int number = count++;
        counts.merge(name, 1, Integer::sum);
        if (number >= first && number < (long) first + length) {
            Throwable failure = fault.of(name.replace("file ", ""));
            if (failure != null) {
                thrown++;
                throw failure;
            }
        }
    }
}
