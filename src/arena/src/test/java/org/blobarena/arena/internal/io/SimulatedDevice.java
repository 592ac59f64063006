package org.blobarena.arena.internal.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A device and the system's cache of it, fed with the operations of a {@link FaultyDirectory} one by one. At any moment it
 * says what a crash could leave: what was forced is there, of the rest anything between nothing and all.
 *
 * <p>After a force that failed, the cache shows what was written, and the device may have none of it: only what is written
 * again can be forced. The length of a file is known to the device with every force that succeeds.
 */
public final class SimulatedDevice {

    private static final int SECTOR_BYTES = 512;

    private final Map<Integer, Bytes> durableFiles = new HashMap<>();
    private final Map<Integer, Bytes> cachedFiles = new HashMap<>();
    private final Map<Integer, List<DeviceOperation>> pendingOfFile = new HashMap<>();
    private final Map<String, Integer> durableNames = new TreeMap<>();
    private final Map<String, Integer> cachedNames = new TreeMap<>();
    private final List<DeviceOperation> pendingNames = new ArrayList<>();

    /** A device that holds an image, all of it durable. */
    public SimulatedDevice(DiskImage image) {
        int file = 0;
        for (Map.Entry<String, byte[]> entry : image.files().entrySet()) {
            durableNames.put(entry.getKey(), file);
            durableFiles.put(file, new Bytes(entry.getValue()));
            cachedFiles.put(file, new Bytes(entry.getValue()));
            file++;
        }
        cachedNames.putAll(durableNames);
    }

    /** A device in the same state. */
    SimulatedDevice(SimulatedDevice other) {
        other.durableFiles.forEach((file, bytes) -> durableFiles.put(file, new Bytes(bytes.toArray())));
        other.cachedFiles.forEach((file, bytes) -> cachedFiles.put(file, new Bytes(bytes.toArray())));
        other.pendingOfFile.forEach((file, pending) -> pendingOfFile.put(file, new ArrayList<>(pending)));
        durableNames.putAll(other.durableNames);
        cachedNames.putAll(other.cachedNames);
        pendingNames.addAll(other.pendingNames);
    }

    /** The names that the system shows, and the numbers of their files. */
    Map<String, Integer> cachedNames() {
        return Map.copyOf(cachedNames);
    }

    /** A number that no file has had, with a name or without. */
    int nextFile() {
        return cachedFiles.keySet().stream().reduce(-1, Math::max) + 1;
    }

    /** What the system shows of a file. */
    byte[] cachedBytes(int file) {
        return cached(file).toArray();
    }

    /** Takes the next operation of a log. */
    void apply(DeviceOperation operation) {
        if (operation instanceof DeviceOperation.Write write) {
            cached(write.file()).apply(operation);
            pending(write.file()).add(operation);
        } else if (operation instanceof DeviceOperation.Truncate truncate) {
            cached(truncate.file()).apply(operation);
            pending(truncate.file()).add(operation);
        } else if (operation instanceof DeviceOperation.ForceFile force) {
            Bytes bytes = durable(force.file());
            pending(force.file()).forEach(each -> bytes.apply(each));
            pending(force.file()).clear();
            bytes.lengthen(cached(force.file()).length);
        } else if (operation instanceof DeviceOperation.ForceFailed failed) {
            SplittableRandom random = new SplittableRandom(failed.seed());
            applyPending(durable(failed.file()), failed.file(), someSurvive(random));
            pending(failed.file()).clear();
        } else if (operation instanceof DeviceOperation.ForceDirectory) {
            pendingNames.forEach(each -> applyName(durableNames, each));
            pendingNames.clear();
        } else {
            if (operation instanceof DeviceOperation.Create create) {
                cached(create.file());
            }
            applyName(cachedNames, operation);
            pendingNames.add(operation);
        }
    }

    /** What stays when the process dies and the system does not: everything. */
    public DiskImage afterKill() {
        Map<String, byte[]> files = new TreeMap<>();
        cachedNames.forEach((name, file) -> files.put(name, cachedBytes(file)));
        return new DiskImage(files);
    }

    /** What stays when the power fails and the device had written only what it was forced to. */
    public DiskImage afterPowerLoss() {
        return image(new Survival() {
            @Override
            public boolean survives(DeviceOperation operation) {
                return false;
            }

            @Override
            public boolean sectorSurvives() {
                return false;
            }
        });
    }

    /** What stays when the power fails and the device had written some of the rest, in any order. */
    public DiskImage afterPowerLoss(SplittableRandom random) {
        return image(someSurvive(random));
    }

    /**
     * What stays when the power fails and the device had written, of all that was not forced, one new, changed or deleted
     * name: each of them in turn.
     */
    public List<DiskImage> afterPowerLossWithOneName() {
        List<DiskImage> images = new ArrayList<>();
        for (DeviceOperation only : pendingNames) {
            images.add(image(new Survival() {
                @Override
                public boolean survives(DeviceOperation operation) {
                    return operation == only;
                }

                @Override
                public boolean sectorSurvives() {
                    return false;
                }
            }));
        }
        return images;
    }

    private static Survival someSurvive(SplittableRandom random) {
        double share = random.nextDouble();
        return new Survival() {
            @Override
            public boolean survives(DeviceOperation operation) {
                return random.nextDouble() < share;
            }

            @Override
            public boolean sectorSurvives() {
                return random.nextDouble() < share;
            }
        };
    }

    /** What stays when the process dies in the middle of a write: everything before, and its first bytes. */
    public DiskImage afterKillIn(DeviceOperation.Write write, int bytes) {
        DiskImage image = afterKill();
        cachedNames.forEach((name, file) -> {
            if (file == write.file()) {
                image.files().put(name, cachedBytesIn(write, bytes));
            }
        });
        return image;
    }

    /** What the system shows of a file in the middle of a write to it. */
    byte[] cachedBytesIn(DeviceOperation.Write write, int bytes) {
        Bytes written = new Bytes(cachedBytes(write.file()));
        written.write(write.offset(), write.bytes(), 0, bytes);
        return written.toArray();
    }

    private DiskImage image(Survival survival) {
        Map<Integer, byte[]> contents = new HashMap<>();
        Map<String, Integer> names = new TreeMap<>(durableNames);
        for (DeviceOperation operation : pendingNames) {
            if (survival.survives(operation)) {
                applyName(names, operation);
            }
        }
        Map<String, byte[]> files = new TreeMap<>();
        names.forEach((name, file) -> files.put(name, contents.computeIfAbsent(file, any -> content(file, survival))));
        return new DiskImage(files);
    }

    private byte[] content(int file, Survival survival) {
        Bytes bytes = new Bytes(durable(file).toArray());
        applyPending(bytes, file, survival);
        return bytes.toArray();
    }

    private void applyPending(Bytes bytes, int file, Survival survival) {
        for (DeviceOperation operation : pending(file)) {
            if (operation instanceof DeviceOperation.Write write) {
                applySectors(bytes, write, survival);
            } else if (survival.survives(operation)) {
                bytes.apply(operation);
            }
        }
    }

    /** The device writes sectors, whatever the write was. */
    private static void applySectors(Bytes bytes, DeviceOperation.Write write, Survival survival) {
        int length = write.bytes().length;
        for (int from = 0; from < length; ) {
            long sectorEnd = ((write.offset() + from) / SECTOR_BYTES + 1) * SECTOR_BYTES;
            int to = (int) Math.min(length, sectorEnd - write.offset());
            if (survival.sectorSurvives()) {
                bytes.write(write.offset() + from, write.bytes(), from, to);
            }
            from = to;
        }
    }

    private Bytes durable(int file) {
        return durableFiles.computeIfAbsent(file, any -> new Bytes(new byte[0]));
    }

    private Bytes cached(int file) {
        return cachedFiles.computeIfAbsent(file, any -> new Bytes(new byte[0]));
    }

    private List<DeviceOperation> pending(int file) {
        return pendingOfFile.computeIfAbsent(file, any -> new ArrayList<>());
    }

    private static void applyName(Map<String, Integer> names, DeviceOperation operation) {
        if (operation instanceof DeviceOperation.Create create) {
            names.put(create.name(), create.file());
        } else if (operation instanceof DeviceOperation.Rename rename) {
            Integer file = names.remove(rename.from());
            if (file != null) {
                names.put(rename.to(), file);
            }
        } else if (operation instanceof DeviceOperation.Delete delete) {
            names.remove(delete.name());
        }
    }

    /** Which of the operations that were not forced the device had carried out. */
    private interface Survival {

        boolean survives(DeviceOperation operation);

        boolean sectorSurvives();
    }

    /** The bytes of a file; what is skipped by a write is zero. */
    private static final class Bytes {

        private byte[] array;
        private int length;

        Bytes(byte[] content) {
            array = content.clone();
            length = content.length;
        }

        void apply(DeviceOperation operation) {
            if (operation instanceof DeviceOperation.Write write) {
                write(write.offset(), write.bytes(), 0, write.bytes().length);
            } else if (operation instanceof DeviceOperation.Truncate truncate && truncate.size() < length) {
                Arrays.fill(array, (int) truncate.size(), length, (byte) 0);
                length = (int) truncate.size();
            }
        }

        void write(long offset, byte[] source, int from, int to) {
            int at = (int) offset;
            int end = at + to - from;
            if (end > array.length) {
                array = Arrays.copyOf(array, Math.max(end, 2 * array.length));
            }
            System.arraycopy(source, from, array, at, to - from);
            length = Math.max(length, end);
        }

        void lengthen(int bytes) {
            write(bytes, new byte[0], 0, 0);
        }

        byte[] toArray() {
            return Arrays.copyOf(array, length);
        }
    }
}
