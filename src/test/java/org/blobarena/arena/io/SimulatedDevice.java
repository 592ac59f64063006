package org.blobarena.arena.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A device with a volatile cache, fed with the operations of a {@link FaultyDirectory} one by one. At any moment it
 * says what a crash could leave: what was forced is there, of the rest anything between nothing and all.
 */
public final class SimulatedDevice {

    private static final int SECTOR_BYTES = 512;

    private final Map<Integer, Bytes> durableFiles = new HashMap<>();
    private final Map<Integer, List<DeviceOperation>> pendingOfFile = new HashMap<>();
    private final Map<String, Integer> durableNames = new TreeMap<>();
    private final List<DeviceOperation> pendingNames = new ArrayList<>();

    /** A device that holds an image, all of it durable. */
    public SimulatedDevice(DiskImage image) {
        int file = 0;
        for (Map.Entry<String, byte[]> entry : image.files().entrySet()) {
            durableNames.put(entry.getKey(), file);
            durableFiles.put(file, new Bytes(entry.getValue()));
            file++;
        }
    }

    /** Takes the next operation of a log. */
    void apply(DeviceOperation operation) {
        if (operation instanceof DeviceOperation.Write write) {
            pending(write.file()).add(operation);
        } else if (operation instanceof DeviceOperation.Truncate truncate) {
            pending(truncate.file()).add(operation);
        } else if (operation instanceof DeviceOperation.ForceFile force) {
            Bytes bytes = durableFiles.computeIfAbsent(force.file(), any -> new Bytes(new byte[0]));
            pending(force.file()).forEach(each -> bytes.apply(each));
            pending(force.file()).clear();
        } else if (operation instanceof DeviceOperation.ForceDirectory) {
            pendingNames.forEach(each -> applyName(durableNames, each));
            pendingNames.clear();
        } else {
            pendingNames.add(operation);
        }
    }

    /** What stays when the process dies and the system does not: everything. */
    public DiskImage afterKill() {
        return image(new Survival() {});
    }

    /** What stays when the power fails and the device had written only what it was forced to. */
    public DiskImage afterPowerLoss() {
        return image(new Survival() {
            @Override
            public boolean survives() {
                return false;
            }
        });
    }

    /** What stays when the power fails and the device had written some of the rest, in any order. */
    public DiskImage afterPowerLoss(SplittableRandom random) {
        double share = random.nextDouble();
        return image(new Survival() {
            @Override
            public boolean survives() {
                return random.nextDouble() < share;
            }

            @Override
            public boolean sectorSurvives() {
                return random.nextDouble() < share;
            }
        });
    }

    /** What stays when the process dies in the middle of a write: everything before, and its first bytes. */
    public DiskImage afterKillIn(DeviceOperation.Write write, int bytes) {
        List<DeviceOperation> operations = pending(write.file());
        operations.add(new DeviceOperation.Write(write.file(), write.offset(), Arrays.copyOf(write.bytes(), bytes)));
        DiskImage image = afterKill();
        operations.remove(operations.size() - 1);
        return image;
    }

    private DiskImage image(Survival survival) {
        Map<Integer, byte[]> contents = new HashMap<>();
        Map<String, Integer> names = new TreeMap<>(durableNames);
        for (DeviceOperation operation : pendingNames) {
            if (survival.survives()) {
                applyName(names, operation);
            }
        }
        Map<String, byte[]> files = new TreeMap<>();
        names.forEach((name, file) -> files.put(name, contents.computeIfAbsent(file, any -> content(file, survival))));
        return new DiskImage(files);
    }

    private byte[] content(int file, Survival survival) {
        Bytes durable = durableFiles.getOrDefault(file, new Bytes(new byte[0]));
        Bytes bytes = new Bytes(durable.toArray());
        for (DeviceOperation operation : pending(file)) {
            if (operation instanceof DeviceOperation.Write write) {
                applySectors(bytes, write, survival);
            } else if (survival.survives()) {
                bytes.apply(operation);
            }
        }
        return bytes.toArray();
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

        default boolean survives() {
            return true;
        }

        default boolean sectorSurvives() {
            return survives();
        }
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

        byte[] toArray() {
            return Arrays.copyOf(array, length);
        }
    }
}
