package org.blobarena.store.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.blobarena.store.api.Durability;
import org.jspecify.annotations.Nullable;

/**
 * What may be found in a store after the process that followed a {@link KillScript} was killed.
 *
 * <p>The last record of a key that is left was written by some thread, and not before the last acknowledged step
 * by which that thread wrote the key, because that one is left as well. So any thread's last acknowledged step on a
 * key, and any of its later steps that it may have attempted, can be what is found; and what was there before only
 * if no thread has an acknowledged one. A buffered put counts as attempted, until its thread has forced.
 */
final class KillExpectation {

    private static final Object ABSENT = "absent";

    private final KillScript script;
    private final int[] acknowledged = new int[KillScript.THREADS];
    private final List<Map<String, Candidates>> byThread = new ArrayList<>();

    /** Steps of one thread on one key: null is a removal, or a blob that has expired. */
    private static final class Candidates {

        private final List<@Nullable Integer> numbers = new ArrayList<>();
        private boolean certain;

        void add(@Nullable Integer number, boolean isCertain) {
            if (isCertain) {
                numbers.clear();
                certain = true;
            }
            numbers.add(number);
        }

        void forced() {
            add(numbers.get(numbers.size() - 1), true);
        }
    }

    KillExpectation(KillScript script) {
        this.script = script;
    }

    /** Takes a line of the program's; false when it is none about steps. */
    boolean acknowledge(String line) {
        int blank = line.indexOf(' ');
        if (blank < 0) {
            return false;
        }
        acknowledged[Integer.parseInt(line.substring(0, blank))] = Integer.parseInt(line.substring(blank + 1));
        return true;
    }

    long acknowledgedSteps() {
        return Arrays.stream(acknowledged).sum();
    }

    /**
     * Compares what was found.
     *
     * @param before what was there when the program began
     */
    void check(Map<String, byte[]> before, Map<String, byte[]> found) {
        for (int thread = 0; thread < KillScript.THREADS; thread++) {
            byThread.add(candidates(thread));
        }
        Set<String> keys = new HashSet<>(before.keySet());
        keys.addAll(found.keySet());
        byThread.forEach(candidates -> keys.addAll(candidates.keySet()));
        for (String key : keys) {
            check(key, before.get(key), found.get(key));
        }
    }

    private Map<String, Candidates> candidates(int thread) {
        Map<String, Candidates> result = new HashMap<>();
        Set<String> unforced = new HashSet<>();
        int done = acknowledged[thread];
        for (int number = 0; number <= done + KillScript.UNREPORTED_MAX; number++) {
            KillScript.Step step = script.step(thread, number);
            if (step.kind() != KillScript.Kind.FORCE) {
                boolean certain = number < done && step.durability() != Durability.BUFFERED;
                result.computeIfAbsent(step.key(), any -> new Candidates())
                        .add(isPresentAfter(step) ? number : null, certain);
                if (!certain) {
                    unforced.add(step.key());
                }
            } else if (number < done) {
                unforced.forEach(key -> result.get(key).forced());
                unforced.clear();
            }
        }
        return result;
    }

    /** A blob that expires at once leaves its key as a removal does. */
    private boolean isPresentAfter(KillScript.Step step) {
        return step.kind() == KillScript.Kind.PUT && step.lastRound() >= script.round();
    }

    private void check(String key, byte @Nullable [] before, byte @Nullable [] found) {
        boolean certain = false;
        List<Object> allowed = new ArrayList<>();
        for (int thread = 0; thread < KillScript.THREADS; thread++) {
            Candidates candidates = byThread.get(thread).get(key);
            if (candidates != null) {
                certain |= candidates.certain;
                for (Integer number : candidates.numbers) {
                    allowed.add(number == null ? ABSENT : name(script.round(), thread, number));
                }
            }
        }
        if (!certain) {
            allowed.add(name(before));
        }
        if (!allowed.contains(name(found))) {
            throw new AssertionError(key + " is " + name(found) + ", expected one of " + allowed + " with "
                    + Arrays.toString(acknowledged) + " steps acknowledged in round " + script.round());
        }
        if (found != null) {
            byte[] written = script.scriptOf(found).blob(KillScript.threadOf(found), KillScript.numberOf(found));
            if (!Arrays.equals(written, found)) {
                throw new AssertionError(key + " is not what " + name(found) + " has put");
            }
        }
    }

    private Object name(byte @Nullable [] blob) {
        return blob == null
                ? ABSENT
                : name(script.scriptOf(blob).round(), KillScript.threadOf(blob), KillScript.numberOf(blob));
    }

    private static Object name(int round, int thread, int number) {
        return "round " + round + " thread " + thread + " step " + number;
    }
}
