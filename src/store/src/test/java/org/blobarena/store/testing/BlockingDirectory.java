package org.blobarena.store.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingDirectory;
import org.blobarena.arena.internal.io.ForwardingFileHandle;

/** A directory in which one operation on a file can be held up until it is let go. Forces nothing. */
public final class BlockingDirectory extends ForwardingDirectory {

    private final AtomicReference<Block> next = new AtomicReference<>();
    private final Queue<Block> blocks = new ConcurrentLinkedQueue<>();

    public BlockingDirectory(Directory delegate) {
        super(delegate);
    }

    /** What can be held up. */
    public enum Operation {
        CREATE,
        OPEN_READ,
        READ,
        WRITE,
        FORCE
    }

    /** Holds up the next operation of a kind on a file. */
    public Block block(Operation operation, String name) {
        Block block = new Block(operation, name);
        blocks.add(block);
        next.set(block);
        return block;
    }

    /** Lets everything go, also what a test that failed has left. */
    public void releaseAll() {
        next.set(null);
        blocks.forEach(Block::close);
    }

    /** An operation that is, or will be, held up; closing it lets it go. */
    public static final class Block implements AutoCloseable {

        private final Operation operation;
        private final String name;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Block(Operation operation, String name) {
            this.operation = operation;
            this.name = name;
        }

        public void awaitReached() throws InterruptedException {
            reached.await();
        }

        @Override
        public void close() {
            released.countDown();
        }
    }

    private void pass(Operation operation, String name) {
        Block block = next.get();
        if (block != null
                && block.operation == operation
                && block.name.equals(name)
                && next.compareAndSet(block, null)) {
            block.reached.countDown();
            try {
                block.released.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public FileHandle create(String name) throws IOException {
        pass(Operation.CREATE, name);
        return new Handle(name, super.create(name));
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        pass(Operation.OPEN_READ, name);
        return new Handle(name, super.openRead(name));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new Handle(name, super.openWrite(name));
    }

    @Override
    public void force() {
        // Nothing is lost in these tests.
    }

    private final class Handle extends ForwardingFileHandle {

        private final String name;

        private Handle(String name, FileHandle handle) {
            super(handle);
            this.name = name;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            pass(Operation.READ, name);
            return super.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            pass(Operation.WRITE, name);
            super.write(source, position);
        }

        @Override
        public void force() {
            pass(Operation.FORCE, name);
        }
    }
}
