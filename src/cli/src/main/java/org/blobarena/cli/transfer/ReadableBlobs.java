package org.blobarena.cli.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.blobarena.cli.text.Key;
import org.blobarena.store.api.FileStats;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.blobarena.store.api.VerifyReport;
import org.blobarena.store.upkeep.Pace;
import org.jspecify.annotations.Nullable;

/** The blobs of a store by their keys, for those who only read, whatever kind of store it is and whoever writes to it. */
public interface ReadableBlobs extends Closeable {

    /** In no particular order. To be closed. */
    Stream<Key> keys();

    boolean contains(Key key) throws IOException;

    /** The length of a blob, or empty when there is none. */
    OptionalLong sizeOf(Key key) throws IOException;

    /** Where a blob lies, or null when there is none. */
    @Nullable RecordInfo describe(Key key) throws IOException;

    /** A blob, to be closed, or null when there is none. */
    @Nullable InputStream openStream(Key key) throws IOException;

    /** The figures of each store that it consists of, by the directory in which that is; the only one has no name. */
    Map<String, StoreStats> stats();

    /** Figures of each arena file. */
    List<FileStats> fileStats();

    /** Reads and compares everything. */
    List<Verified> verify(Pace pace) throws IOException;

    /**
     * What a verification of one store has found, and its opening.
     *
     * @param other what else is wrong, in words
     */
    record Verified(VerifyReport report, OpenReport opening, List<String> other) {}

    /** How many bytes the blobs have, or 0 when that is not known: for progress. */
    long bytes();
}
