package org.blobarena.cli.transfer;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;

/** Where an export puts blobs, one after the other: a tree of files, or an archive. */
public interface BlobSink extends Closeable {

    /**
     * Puts the blob of a key, if it has one still.
     *
     * @param key greater than those before
     * @throws IOException if no other blob can be put either
     */
    void add(Key key) throws IOException;

    /** Waits until all are in their places, and ends what has an end. */
    void settle() throws IOException;

    /** Tells of a key whose blob cannot be put. */
    static void report(Skipped skipped, Key key, IOException failure) {
        skipped.report("key \"" + Shown.shortly(key) + "\" is not exported: " + Failures.describe(failure));
    }
}
