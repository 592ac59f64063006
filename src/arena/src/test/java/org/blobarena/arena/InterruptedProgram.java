package org.blobarena.arena;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.blobarena.arena.internal.file.AppendFiles;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.nio.NioDirectory;

/** Reads and writes under interrupts. Run in a process of its own, with and without access to channels. */
final class InterruptedProgram {

    private static final int CONTENT_BYTES = 1 << 20;

    private final Path path;
    private final byte[] content = ArenaContent.bytes(1, CONTENT_BYTES);
    private final ArenaOptions options;

    private InterruptedProgram(Path path) {
        this.path = path;
        this.options = ArenaOptions.builder()
                .temporaryDirectory(path)
                .bufferBytes(4096)
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        InterruptedProgram program = new InterruptedProgram(Path.of(arguments[0]));
        program.readersUnderFire(FileArenaWriter.temporary(0, program.options));
        program.readersUnderFire(FileArenaWriter.create(program.path.resolve("read"), 0, program.options));
        program.writersUnderFire(FileArenaWriter.temporary(0, program.options));
        program.writersUnderFire(FileArenaWriter.create(program.path.resolve("written"), 0, program.options));
        program.everythingWithTheFlagSet();
        program.writerWhoseFileHasLostItsName();
        System.out.println("passed, access to channels: "
                + FileChannel.class.getModule().isOpen("sun.nio.ch", InterruptedProgram.class.getModule()));
    }

    /** Two readers are interrupted all the time, one never, and all read the same file. */
    private void readersUnderFire(FileArenaWriter writer) throws Exception {
        writer.push(content);
        try (FileArena arena = writer.intoArena()) {
            List<Callable<Void>> fired = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Random random = new Random(i);
                fired.add(() -> {
                    int survived = 0;
                    for (int read = 0; read < 1000 || survived < 10; read++) {
                        boolean before = Thread.currentThread().isInterrupted();
                        read(arena, random);
                        check(Thread.currentThread().isInterrupted() || !before, "the flag is lost");
                        survived += before && Thread.interrupted() ? 1 : 0;
                    }
                    return null;
                });
            }
            runUnderFire(fired, () -> {
                Random random = new Random(5);
                for (int read = 0; read < 1000; read++) {
                    read(arena, random);
                    check(!Thread.currentThread().isInterrupted(), "a flag nobody has set");
                }
                return null;
            });
        }
    }

    private void writersUnderFire(FileArenaWriter writer) throws Exception {
        List<Callable<Void>> fired = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            fired.add(() -> {
                for (int from = 0; from + 5000 < CONTENT_BYTES; from += 10_000) {
                    push(writer, from);
                    writer.flush();
                    if (from % 50_000 == 0) {
                        writer.force();
                    }
                }
                return null;
            });
        }
        runUnderFire(fired, () -> {
            for (int from = 0; from + 5000 < CONTENT_BYTES; from += 10_000) {
                push(writer, from);
            }
            return null;
        });
        writer.finish().close();
    }

    private void everythingWithTheFlagSet() throws Exception {
        Thread.currentThread().interrupt();
        Directory directory = NioDirectory.createAt(path.resolve("a").resolve("b"));
        directory.create("identity").close();
        try (DirectoryLock lock = directory.lock("lock")) {
            lock.add("identity");
            lock.sign();
            FileArenaWriter writer = new FileArenaWriter(AppendFiles.create(0, directory, "file", options.ofFile()));
            Location first = writer.push(new byte[10]);
            writer.force();
            directory.force();
            writer.push(content);
            check(directory.list().size() == 3, "not listed");
            writer.close();
            FileArenaWriter again =
                    new FileArenaWriter(AppendFiles.reopen(0, directory, "file", first.end(), options.ofFile()));
            Location second = again.push(content);
            try (FileArena arena = again.intoArena()) {
                check(Arrays.equals(arena.get(second), content), "wrong");
            }
            directory.rename("file", "other");
            directory.delete("other");
        }
        check(Thread.interrupted(), "the flag is lost");
    }

    /** An interrupted writer must not go on in whatever has its file's name by now. */
    private void writerWhoseFileHasLostItsName() throws Exception {
        Directory directory = new NioDirectory(path);
        FileArenaWriter writer =
                new FileArenaWriter(AppendFiles.create(0, directory, "renamed-from", options.ofFile()));
        Thread.currentThread().interrupt();
        writer.push(ByteBuffer.wrap(content, 0, 5000));
        directory.rename("renamed-from", "renamed-to");
        Files.write(path.resolve("renamed-from"), new byte[] {42});
        writer.push(ByteBuffer.wrap(content, 5000, 5000));
        writer.force();
        check(Thread.interrupted(), "the flag is lost");
        writer.close();
        check(Arrays.equals(Files.readAllBytes(path.resolve("renamed-from")), new byte[] {42}), "wrote to a stranger");
        check(
                Arrays.equals(Files.readAllBytes(path.resolve("renamed-to")), Arrays.copyOf(content, 10_000)),
                "lost what was written");
    }

    private void push(FileArenaWriter writer, int from) throws IOException {
        Location location = writer.push(ByteBuffer.wrap(content, from, 5000));
        check(
                Arrays.equals(
                        ArenaContent.read(writer.file(), location), Arrays.copyOfRange(content, from, from + 5000)),
                "wrong");
    }

    private void read(FileArena arena, Random random) throws IOException {
        int from = random.nextInt(CONTENT_BYTES);
        int length = random.nextInt(Math.min(100_000, CONTENT_BYTES - from));
        byte[] bytes = arena.get(new Location(0, from, length));
        check(Arrays.equals(bytes, Arrays.copyOfRange(content, from, from + length)), "wrong");
    }

    private static void runUnderFire(List<Callable<Void>> fired, Callable<Void> spared) throws Exception {
        List<FutureTask<Void>> tasks = new ArrayList<>();
        List<Thread> targets = new ArrayList<>();
        for (Callable<Void> one : fired) {
            FutureTask<Void> task = new FutureTask<>(one);
            tasks.add(task);
            Thread target = new Thread(task);
            targets.add(target);
            target.start();
        }
        FutureTask<Void> calm = new FutureTask<>(spared);
        new Thread(calm).start();
        tasks.add(calm);
        while (targets.stream().anyMatch(Thread::isAlive)) {
            targets.forEach(Thread::interrupt);
        }
        for (FutureTask<Void> task : tasks) {
            task.get();
        }
    }

    private static void check(boolean right, String message) {
        if (!right) {
            throw new IllegalStateException(message);
        }
    }
}
