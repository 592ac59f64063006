package org.blobarena.bench.macro;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How much of the processor others took: all that was busy, without this process and the children that it has waited for, and
 * without the threads of the kernel, which mostly write what a case has put. What a hypervisor took counts as taken.
 */
final class ProcessorLoad {

    private static final double TICKS_PER_SECOND = 100;
    private static final String KERNEL_THREADS = "2";

    private final long othersTicks;
    private final long nanos;

    private ProcessorLoad(long othersTicks, long nanos) {
        this.othersTicks = othersTicks;
        this.nanos = nanos;
    }

    static ProcessorLoad now() throws IOException {
        return new ProcessorLoad(busy() - own() - kernel(), System.nanoTime());
    }

    /** @return cores that others kept busy since then, on average */
    double otherCoresSince(ProcessorLoad then) {
        double seconds = (nanos - then.nanos) / 1e9;
        return Math.max(0, (othersTicks - then.othersTicks) / TICKS_PER_SECOND / seconds);
    }

    /** User, nice, system and stolen time; what interrupts take belongs to nobody. */
    private static long busy() throws IOException {
        String[] words = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +", -1);
        return IntStream.of(1, 2, 3, 8).mapToLong(i -> Long.parseLong(words[i])).sum();
    }

    private static long own() throws IOException {
        String[] fields = fields(Path.of("/proc/self/stat"));
        return IntStream.rangeClosed(11, 14)
                .mapToLong(i -> Long.parseLong(fields[i]))
                .sum();
    }

    private static long kernel() throws IOException {
        long ticks = 0;
        List<Path> processes;
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            processes = all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList();
        }
        for (Path process : processes) {
            try {
                String[] fields = fields(process.resolve("stat"));
                if (fields[1].equals(KERNEL_THREADS)) {
                    ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                }
            } catch (IOException e) {
                continue; // It has ended.
            }
        }
        return ticks;
    }

    /** The state, the parent and so on: what follows the name, which may hold anything. */
    private static String[] fields(Path stat) throws IOException {
        String line = Files.readString(stat);
        return line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
    }
}
