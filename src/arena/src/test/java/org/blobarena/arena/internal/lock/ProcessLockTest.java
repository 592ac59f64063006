package org.blobarena.arena.internal.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.blobarena.arena.Location;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.DirectoryLock;
import org.blobarena.arena.internal.io.DirectoryLockedException;
import org.blobarena.arena.internal.io.DirectoryLostException;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.nio.NioDirectory;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // Most locks are only held.
class ProcessLockTest {

    private static final String SIGNED = "lock";
    private static final String IDENTITY = "identity";

    @TempDir
    Path temporary;

    private final Set<String> heldBefore = HeldFiles.all();
    private Path path;
    private NioDirectory directory;

    @BeforeEach
    void makeIdentity() throws IOException {
        path = Files.createDirectory(temporary.resolve("locked"));
        Files.writeString(path.resolve(IDENTITY), "who we are");
        directory = new NioDirectory(path);
    }

    // ---- one holder

    @Test
    void secondLockInThisProcessIsRefusedByItsNumberUnderEveryNameOfTheDirectory() throws IOException {
        Path roundabout = Files.createDirectory(path.resolve("sub")).resolve("..");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), path);
        DirectoryLock lock = lock(path);
        for (Path same : List.of(path, roundabout, link)) {
            requireRefused(same)
                    .withMessageContainingAll(
                            "by this process",
                            "process " + ProcessHandle.current().pid(),
                            path.getFileName().toString(),
                            SIGNED);
        }
        requireRefusedElsewhere();

        lock.close();

        lock(roundabout).close();
        requireSignedByThisProcess();
    }

    @Test
    void filesWithAnotherNameAreTheSameFiles() throws IOException {
        try (DirectoryLock lock = lock(path)) {
            Path copy = Files.createDirectory(temporary.resolve("copy"));
            Files.createLink(copy.resolve(IDENTITY), path.resolve(IDENTITY));

            requireRefused(copy);
            requireRefusedElsewhere();
            assertThat(lock.read(IDENTITY, 3).remaining()).isEqualTo(3);
        }
    }

    @Test
    void lockClosedTwiceLeavesTheNextHolderAlone() throws IOException {
        DirectoryLock first = lock(path);
        first.close();
        try (DirectoryLock second = lock(path)) {
            first.close();

            assertThat(second).isNotSameAs(first);
            requireRefused(path);
        }
    }

    @Test
    void lockOfAnotherProcessIsRefusedByItsNumberUntilItIsKilled() throws Exception {
        try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, path)) {
            child.awaitLine("held");
            for (int attempt = 0; attempt < 2; attempt++) {
                requireRefused(path).withMessageContaining("process " + child.pid());
            }

            child.kill();

            lock(path).close();
        }
    }

    @Test
    void refusedAttemptOfAnotherClassLoaderDoesNotGiveTheLockAway() throws Exception {
        try (DirectoryLock lock = lock(path);
                URLClassLoader other = otherLoader()) {
            assertThat(attempt(other)).isEqualTo("refused");

            requireRefusedElsewhere();
            assertThat(lock.read(IDENTITY, 3).remaining()).isEqualTo(3);
        }
    }

    @Test
    void refusedAttemptThatTheTableDoesNotKnowOfDoesNotGiveTheLockAway() throws Exception {
        String table = "org.blobarena.held";
        try (DirectoryLock lock = new NioDirectory(path).lock(SIGNED);
                URLClassLoader other = otherLoader()) {
            lock.add(IDENTITY); // Alone: no other lock keeps anybody out.
            String held = Security.getProperty(table);
            Security.setProperty(table, "");

            assertThat(attempt(other)).isEqualTo("refused");
            assertThat(attempt(other)).isEqualTo("refused");

            Security.setProperty(table, held);
            requireRefusedElsewhere();
            assertThat(lock.read(IDENTITY, 3).remaining()).isEqualTo(3);
        }
        lock(path).close();
    }

    @Test
    void failedAttemptsLeaveNothingHeld() throws IOException {
        Files.delete(path.resolve(IDENTITY));
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> lock(path));
        Files.createDirectory(path.resolve(IDENTITY));
        assertThatIOException().isThrownBy(() -> lock(path)).withMessageContaining(IDENTITY);
        Files.delete(path.resolve(IDENTITY));
        makeFile(IDENTITY);
        Files.createDirectory(path.resolve(SIGNED));
        assertThatIOException().isThrownBy(() -> lock(path)).withMessageContaining(SIGNED);
        Files.delete(path.resolve(SIGNED));

        lock(path).close();
        requireNothingHeld();
    }

    @Test
    void linkInThePlaceOfTheSignedFileIsNotFollowed() throws IOException {
        Path precious = Files.writeString(temporary.resolve("precious"), "precious");
        Files.createSymbolicLink(path.resolve(SIGNED), precious);

        assertThatIOException().isThrownBy(() -> lock(path)).withMessageContaining(SIGNED);
        assertThat(precious).hasContent("precious");

        Files.delete(path.resolve(SIGNED));
        Files.createLink(path.resolve(SIGNED), precious);
        lock(path).close();
        assertThat(precious).hasContent("precious");
        assertThat(Files.readString(path.resolve(SIGNED))).doesNotContain("precious");
    }

    @Test
    void whoHasTheOtherFileButNotTheSignedOneIsRefusedByTheProcessThatSigned() throws Exception {
        try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, path, "signs only")) {
            child.awaitLine("held");

            requireRefused(path).withMessageContaining("process " + child.pid());
        }
    }

    /** As where one makes what the directory is for, which another finds already. */
    @Test
    void ofTwoThatWaitForEachOtherTheOneWhoHasSignedGetsBoth() throws Exception {
        try (DirectoryLock signer = new NioDirectory(path).lock(SIGNED)) {
            signer.sign();
            FutureTask<Boolean> waiting = new FutureTask<>(() -> {
                signer.add(IDENTITY);
                return true;
            });
            try (DirectoryLock other = new NioDirectory(path).lock(SIGNED)) {
                other.add(IDENTITY);
                Thread thread = new Thread(waiting);
                thread.start();
                while (thread.getState() != Thread.State.TIMED_WAITING && !waiting.isDone()) {
                    Thread.onSpinWait();
                }

                assertThatExceptionOfType(DirectoryLockedException.class).isThrownBy(other::sign);
            }
            assertThat(waiting.get()).isTrue();
        }
        lock(path).close();
        requireNothingHeld();
    }

    // ---- held again

    @Test
    void lockThatAReaderOfTheFilesHasDroppedIsTakenAgain() throws Exception {
        try (DirectoryLock lock = lock(directory)) {
            Files.readAllBytes(path.resolve(SIGNED));
            requireRefusedElsewhere(); // By the other lock.
            Files.readAllBytes(path.resolve(IDENTITY));
            Files.readAllBytes(path.resolve(SIGNED));

            directory.requireHeld();

            requireRefusedElsewhere();
            Files.readAllBytes(path.resolve(IDENTITY));
            requireRefusedElsewhere();
            directory.requireHeld();
            assertThat(lock.read(IDENTITY, 100))
                    .isEqualTo(ByteBuffer.wrap("who we are".getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void directoryThatAnotherProcessHasTakenMeanwhileIsLostForGood() throws Exception {
        try (DirectoryLock lock = lock(directory)) {
            dropBothLocks();
            try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, path)) {
                child.awaitLine("held");

                requireLost(directory, "another process");
            }
            requireLost(directory, "another process");
        }
        lock(path).close();
    }

    @Test
    void directoryThatAnotherProcessHasHadMeanwhileIsLost() throws Exception {
        try (DirectoryLock lock = lock(directory)) {
            dropBothLocks();
            try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, path)) {
                child.awaitLine("held");
            }

            requireLost(directory, "another process");
        }
    }

    @Test
    void signedFileThatWasDeletedIsMadeAgainAndNobodyGetsIn() throws Exception {
        try (DirectoryLock lock = lock(directory)) {
            Files.delete(path.resolve(SIGNED));
            requireRefusedElsewhere();

            directory.requireHeld();

            requireSignedByThisProcess();
            directory.requireHeld();
            dropLock(IDENTITY);
            requireRefusedElsewhere();
            directory.requireHeld();
        }
        requireNothingHeld();
    }

    @Test
    void otherFileInThePlaceOfALockedOneIsALoss() throws IOException {
        for (String name : List.of(IDENTITY, SIGNED)) {
            directory = new NioDirectory(path);
            try (DirectoryLock lock = lock(directory)) {
                Path other = Files.copy(path.resolve(name), temporary.resolve("other"));
                Files.delete(path.resolve(name));
                Files.move(other, path.resolve(name));

                requireLost(directory, name);
            }
        }
    }

    @Test
    void identityThatWasDeletedIsALoss() throws IOException {
        try (DirectoryLock lock = lock(directory)) {
            Files.delete(path.resolve(IDENTITY));

            requireLost(directory, IDENTITY);
        }
    }

    @Test
    void directoryThatWasMovedOrReplacedIsLostAndNothingIsChangedInAnother() throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        Path moved = temporary.resolve("moved");
        try (DirectoryLock lock = lock(directory);
                FileHandle file = directory.create("a")) {
            Files.move(path, moved);
            requireLost(directory, "moved");
            Files.createDirectory(path);
            for (String name : List.of(SIGNED, IDENTITY, "a", "b")) {
                makeFile(name);
            }

            requireLost(directory, "moved");
            requireLost(() -> directory.create("c"));
            requireLost(() -> {
                directory.delete("a");
                return directory;
            });
            requireLost(() -> {
                directory.rename("a", "b");
                return directory;
            });
            requireLost(() -> directory.link("a", new NioDirectory(temporary)));
            requireLost(() -> {
                file.force();
                return directory;
            });
            assertThat(directory.list()).containsExactlyInAnyOrder(SIGNED, IDENTITY, "a");
            directory.openRead("a").close();
            assertThat(path.toFile().list()).containsExactlyInAnyOrder(SIGNED, IDENTITY, "a", "b");
        }
    }

    @Test
    void linkThatLedToTheDirectoryMayBeTurned() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), path);
        Path other = Files.createDirectory(temporary.resolve("other"));
        directory = new NioDirectory(link);
        try (DirectoryLock lock = lock(directory)) {
            Files.delete(link);
            Files.createSymbolicLink(link, other);

            directory.create("a").close();
            directory.requireHeld();

            assertThat(path.resolve("a")).exists();
            assertThat(other).isEmptyDirectory();
        }
    }

    @Test
    void fileThatTheHolderItselfReplacesIsLockedInItsNewForm() throws Exception {
        try (DirectoryLock lock = lock(directory)) {
            directory.create("new").close();
            directory.rename("new", IDENTITY);

            directory.force();
            dropLock(SIGNED);
            requireRefusedElsewhere();
            assertThat(lock.read(IDENTITY, 3).remaining()).isZero();
        }
        requireNothingHeld();
    }

    // ---- helpers

    private static DirectoryLock lock(Path where) throws IOException {
        return lock(new NioDirectory(where));
    }

    private static DirectoryLock lock(NioDirectory directory) throws IOException {
        DirectoryLock lock = directory.lock(SIGNED);
        boolean taken = false;
        try {
            lock.add(IDENTITY);
            lock.sign();
            taken = true;
            return lock;
        } finally {
            if (!taken) {
                lock.close();
            }
        }
    }

    private void makeFile(String name) throws IOException {
        Files.writeString(path.resolve(name), "content");
    }

    private void dropBothLocks() throws IOException {
        dropLock(IDENTITY);
        dropLock(SIGNED);
    }

    /** As any code in the process may, that opens and closes the file. */
    private void dropLock(String name) throws IOException {
        assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
        Files.readAllBytes(path.resolve(name));
    }

    private static ThrowableAssertAlternative<DirectoryLockedException> requireRefused(Path where) {
        return assertThatExceptionOfType(DirectoryLockedException.class).isThrownBy(() -> lock(where));
    }

    private void requireNothingHeld() {
        assertThat(HeldFiles.all()).isEqualTo(heldBefore);
    }

    private void requireSignedByThisProcess() throws IOException {
        assertThat(Files.readAllLines(path.resolve(SIGNED)).get(0))
                .isEqualTo(Long.toString(ProcessHandle.current().pid()));
    }

    private static void requireLost(Directory directory, String word) {
        assertThatExceptionOfType(DirectoryLostException.class)
                .isThrownBy(directory::requireHeld)
                .withMessageContaining(word);
    }

    private static void requireLost(Callable<?> operation) {
        assertThatExceptionOfType(DirectoryLostException.class).isThrownBy(operation::call);
    }

    private void requireRefusedElsewhere() throws IOException {
        try (ChildJvm child = ChildJvm.start(List.of(), Holder.class, path)) {
            assertThat(child.readLine()).isEqualTo("refused");
        }
    }

    private static URLClassLoader otherLoader() throws IOException {
        URL[] classes = {
            ChildJvm.classesOf(Location.class).toUri().toURL(),
            ChildJvm.classesOf(ProcessLockTest.class).toUri().toURL()
        };
        return new URLClassLoader(classes, ClassLoader.getPlatformClassLoader());
    }

    private Object attempt(ClassLoader loader) throws ReflectiveOperationException {
        return loader.loadClass(Holder.class.getName())
                .getMethod("attempt", String.class)
                .invoke(null, path.toString());
    }

    /** Takes the lock, says so, and waits to be killed; or says that it could not. */
    public static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (DirectoryLock lock = new NioDirectory(Path.of(arguments[0])).lock(SIGNED)) {
                if (arguments.length == 1) {
                    lock.add(IDENTITY);
                }
                lock.sign();
                System.out.println("held");
                System.in.read();
            } catch (DirectoryLockedException e) {
                System.out.println("refused");
            }
        }

        public static String attempt(String directory) throws IOException {
            try (DirectoryLock lock = new NioDirectory(Path.of(directory)).lock(SIGNED)) {
                lock.add(IDENTITY);
                lock.sign();
                return "held";
            } catch (DirectoryLockedException e) {
                return "refused";
            }
        }
    }
}
