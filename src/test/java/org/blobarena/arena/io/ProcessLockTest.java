package org.blobarena.arena.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.blobarena.arena.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {

    private static final String NAME = "lock";

    @TempDir
    Path path;

    @Test
    void secondLockInThisProcessIsRefusedByItsNumberAlsoUnderAnotherNameOfTheDirectory() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Path roundabout = Files.createDirectory(path.resolve("sub")).resolve("..");
        Closeable lock = new NioDirectory(path).lock(NAME);
        for (Path same : List.of(path, roundabout)) {
            assertThatExceptionOfType(DirectoryLockedException.class)
                    .isThrownBy(() -> new NioDirectory(same).lock(NAME))
                    .withMessageContainingAll(
                            "process " + pid, path.getFileName().toString(), NAME);
        }

        lock.close();

        new NioDirectory(roundabout).lock(NAME).close();
        assertThat(path.resolve(NAME)).hasContent(pid);
    }

    @Test
    void lockClosedTwiceLeavesTheNextHolderAlone() throws IOException {
        NioDirectory directory = new NioDirectory(path);
        Closeable first = directory.lock(NAME);
        first.close();
        try (Closeable second = directory.lock(NAME)) {
            first.close();

            assertThat(second).isNotSameAs(first);
            assertThatExceptionOfType(DirectoryLockedException.class).isThrownBy(() -> directory.lock(NAME));
        }
    }

    @Test
    void lockOfAnotherProcessIsRefusedByItsNumberUntilItIsKilled() throws Exception {
        Path locked = Files.createDirectory(path.resolve("locked"));
        NioDirectory directory = new NioDirectory(locked);
        try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, locked)) {
            child.awaitLine("held");
            // Twice, because closing the descriptor of a failed attempt must not matter.
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatExceptionOfType(DirectoryLockedException.class)
                        .isThrownBy(() -> directory.lock(NAME))
                        .withMessageContaining("process " + child.pid());
            }

            child.kill();

            directory.lock(NAME).close();
        }
    }

    @Test
    void failedAttemptInThisProcessDoesNotGiveTheLockAwayToAnother() throws Exception {
        Path locked = Files.createDirectory(path.resolve("locked"));
        NioDirectory directory = new NioDirectory(locked);
        try (Closeable lock = directory.lock(NAME)) {
            assertThatExceptionOfType(DirectoryLockedException.class).isThrownBy(() -> directory.lock(NAME));
            try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, locked)) {
                child.awaitLine("refused");
            }
            assertThat(lock).isNotNull();
        }
    }

    /** Takes the lock, says so, and waits to be killed; or says that it could not. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (Closeable lock = new NioDirectory(Path.of(arguments[0])).lock(NAME)) {
                System.out.println(lock == null ? "nothing" : "held");
                System.in.read();
            } catch (DirectoryLockedException e) {
                System.out.println("refused");
            }
        }
    }
}
