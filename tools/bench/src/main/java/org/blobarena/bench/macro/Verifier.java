package org.blobarena.bench.macro;

import java.io.IOException;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Scale;

/** Reads every key after a workload, outside of what is timed. */
final class Verifier {

    /** In the place of a version: the key must be absent. */
    static final int ABSENT = -1;

    private Verifier() {}

    /** @param versions by key, or {@link #ABSENT} */
    static void verify(Engine engine, Content content, int[] versions) throws IOException {
        int missing = count(engine, content, versions);
        if (missing > 0) {
            throw new AssertionError(missing + " of " + versions.length + " blobs are missing");
        }
    }

    /** Allows blobs to be missing, but not to be wrong, and returns how many are. */
    static int count(Engine engine, Content content, int[] versions) throws IOException {
        byte[] key = new byte[Scale.KEY_BYTES];
        int missing = 0;
        for (int number = 0; number < versions.length; number++) {
            Content.key(number, key);
            byte[] blob = engine.get(key);
            if (versions[number] == ABSENT) {
                if (blob != null) {
                    throw new AssertionError("key " + number + " was deleted and is there");
                }
            } else if (blob == null) {
                missing++;
            } else {
                content.check(blob, number, versions[number]);
            }
        }
        CaseMain.verified(versions.length - missing);
        return missing;
    }
}
