package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that logs every change, so that what a crash leaves at any moment can be made from the log
 * afterwards (see {@link SimulatedDevice}), and that fails as it is told.
 */
public final class FaultyDirectory implements Directory {

    private static final Path PATH = Path.of("simulated");

    private final TreeMap<String, Inode> names = new TreeMap<>();
    private final List<DeviceOperation> log = new ArrayList<>();
    private final SimulatedDevice initial;
    private final Set<Inode> linked = new HashSet<>();
    private int inodes;
    private @Nullable Fault fault;
    private boolean locked;

    /** Decides the fate of each change before it is made. */
    @FunctionalInterface
    public interface Fault {

        /**
         * Looks at the next change.
         *
         * @param number how many changes were made before
         * @param kind {@code create}, {@code write}, {@code truncate}, {@code force}, {@code rename},
         *     {@code delete} or {@code force directory}
         * @param bytes of a write
         * @return how many bytes of a write are carried out before it fails; {@link #CARRY_OUT} to let it succeed
         * @throws IOException to fail it
         */
        int before(int number, String kind, int bytes) throws IOException;

        /** No fault. */
        int CARRY_OUT = Integer.MAX_VALUE;
    }

    /** A directory that holds an image. */
    public FaultyDirectory(DiskImage image) {
        this(new SimulatedDevice(image));
    }

    /** A directory on a device as it is now, of which the system may show more than is durable: one process has died. */
    public FaultyDirectory(SimulatedDevice device) {
        this.initial = new SimulatedDevice(device);
        Map<Integer, Inode> found = new HashMap<>();
        initial.cachedNames().forEach((name, number) -> {
            Inode inode = found.computeIfAbsent(number, Inode::new);
            inode.write(initial.cachedBytes(number), 0);
            names.put(name, inode);
        });
        inodes = initial.nextFile();
    }

    /** From now on the files that are there have other names elsewhere too, and writing to one is the test's failure. */
    public synchronized void linkAll() {
        linked.addAll(names.values());
    }

    /** Sets what fails from now on; null for nothing. */
    public synchronized void setFault(@Nullable Fault newFault) {
        fault = newFault;
    }

    /** How many changes were made so far. */
    public synchronized int changes() {
        return log.size();
    }

    /** The device before the first change. */
    public SimulatedDevice device() {
        return new SimulatedDevice(initial);
    }

    /** The device after the first changes. */
    public synchronized SimulatedDevice deviceAfter(int changes) {
        SimulatedDevice device = device();
        log.subList(0, changes).forEach(device::apply);
        return device;
    }

    /** Carries one more change out on a device. */
    public synchronized void advance(SimulatedDevice device, int change) {
        device.apply(log.get(change));
    }

    /** The write that is a given change, or null when it is something else. */
    synchronized DeviceOperation.@Nullable Write write(int change) {
        return log.get(change) instanceof DeviceOperation.Write write ? write : null;
    }

    /** The number of bytes that a change writes, or 0 when it is something else. */
    public int writeBytes(int change) {
        DeviceOperation.Write write = write(change);
        return write == null ? 0 : write.bytes().length;
    }

    /** What stays when the process dies in the middle of a write, after some of its bytes. */
    public DiskImage imageInWrite(SimulatedDevice before, int change, int bytes) {
        DeviceOperation.Write write = write(change);
        if (write == null) {
            throw new IllegalArgumentException("change " + change + " is no write");
        }
        return before.afterKillIn(write, bytes);
    }

    @Override
    public Path path() {
        return PATH;
    }

    @Override
    public synchronized FileHandle create(String name) throws IOException {
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        consult("create", 0);
        Inode inode = new Inode(inodes++);
        names.put(name, inode);
        log.add(new DeviceOperation.Create(name, inode.number));
        return new Handle(name, inode, true);
    }

    @Override
    public synchronized FileHandle openRead(String name) throws IOException {
        return new Handle(name, existing(name), false);
    }

    @Override
    public synchronized FileHandle openWrite(String name) throws IOException {
        return new Handle(name, existing(name), true);
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Inode inode = existing(from);
        consult("rename", 0);
        names.remove(from);
        names.put(to, inode);
        log.add(new DeviceOperation.Rename(from, to));
    }

    @Override
    public synchronized int links(String name) throws IOException {
        return linked.contains(existing(name)) ? 2 : 1;
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        if (names.containsKey(name)) {
            consult("delete", 0);
            names.remove(name);
            log.add(new DeviceOperation.Delete(name));
        }
    }

    @Override
    public synchronized void force() throws IOException {
        consult("force directory", 0);
        log.add(new DeviceOperation.ForceDirectory());
    }

    @Override
    public DirectoryLock lock(String name) {
        return new Lock();
    }

    private Inode existing(String name) throws NoSuchFileException {
        Inode inode = names.get(name);
        if (inode == null) {
            throw new NoSuchFileException(name);
        }
        return inode;
    }

    private int consult(String kind, int bytes) throws IOException {
        return fault == null ? Fault.CARRY_OUT : fault.before(log.size(), kind, bytes);
    }

    private static final class Inode {

        private final int number;
        private byte[] bytes = new byte[0];
        private int length;

        Inode(int number) {
            this.number = number;
        }

        void write(byte[] source, long position) {
            int end = (int) position + source.length;
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            System.arraycopy(source, 0, bytes, (int) position, source.length);
            length = Math.max(length, end);
        }
    }

    private final class Lock implements DirectoryLock {

        private boolean taken;

        @Override
        public void add(String name) throws IOException {
            synchronized (FaultyDirectory.this) {
                existing(name);
                take();
            }
        }

        @Override
        public void sign() throws IOException {
            synchronized (FaultyDirectory.this) {
                take();
            }
        }

        private void take() throws DirectoryLockedException {
            if (locked && !taken) {
                throw new DirectoryLockedException("simulated is in use");
            }
            locked = true;
            taken = true;
        }

        @Override
        public ByteBuffer read(String name, int bytesMax) throws IOException {
            synchronized (FaultyDirectory.this) {
                Inode inode = existing(name);
                return ByteBuffer.wrap(Arrays.copyOf(inode.bytes, Math.min(bytesMax, inode.length)));
            }
        }

        @Override
        public void close() {
            synchronized (FaultyDirectory.this) {
                locked &= !taken;
                taken = false;
            }
        }
    }

    private final class Handle implements FileHandle {

        private final String name;
        private final Inode inode;
        private final boolean writable;
        private boolean closed;

        Handle(String name, Inode inode, boolean writable) {
            this.name = name;
            this.inode = inode;
            this.writable = writable;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (FaultyDirectory.this) {
                requireOpen();
                int count = (int) Math.max(0, Math.min(target.remaining(), inode.length - position));
                target.put(inode.bytes, (int) Math.min(position, inode.length), count);
                return count;
            }
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (FaultyDirectory.this) {
                requireOpen();
                requireWritable();
                int wanted = source.remaining();
                int count = Math.min(wanted, consult("write", wanted));
                byte[] bytes = new byte[count];
                source.get(bytes);
                inode.write(bytes, position);
                log.add(new DeviceOperation.Write(inode.number, position, bytes));
                if (count < wanted) {
                    throw new NoSpaceException(PATH.resolve(name), new NoSpaceException.Space(wanted - count, 0));
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FaultyDirectory.this) {
                requireOpen();
                try {
                    consult("force", 0);
                } catch (IOException e) {
                    log.add(new DeviceOperation.ForceFailed(inode.number, log.size()));
                    throw e;
                }
                log.add(new DeviceOperation.ForceFile(inode.number));
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (FaultyDirectory.this) {
                requireOpen();
                return inode.length;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyDirectory.this) {
                requireOpen();
                requireWritable();
                consult("truncate", 0);
                if (size < inode.length) {
                    Arrays.fill(inode.bytes, (int) size, inode.length, (byte) 0);
                    inode.length = (int) size;
                }
                log.add(new DeviceOperation.Truncate(inode.number, size));
            }
        }

        @Override
        public void close() {
            closed = true;
        }

        private void requireOpen() throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        private void requireWritable() throws IOException {
            if (!writable) {
                throw new IOException(name + " is open for reading");
            }
            if (linked.contains(inode)) {
                throw new AssertionError(name + " is written, which has another name");
            }
        }
    }
}
