package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.io.IOUtils;
import org.blobarena.cli.process.Failures;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.store.api.BlobTooLargeException;
import org.blobarena.store.api.RecordInfo;
import org.blobarena.store.api.StoreStats;
import org.jspecify.annotations.Nullable;

/** Copies blobs of one store into another, with the moment at which each expires. */
public final class StoreCopy {

    private final ReadableBlobs source;
    private final KeyedBlobs target;
    private final Skipped skipped;
    private final Transfer copied;

    public StoreCopy(ReadableBlobs source, KeyedBlobs target, Skipped skipped, Transfer copied) {
        this.source = source;
        this.target = target;
        this.skipped = skipped;
        this.copied = copied;
    }

    /** Copies the blob of a key, if it has one still. */
    public void copy(Key key) throws IOException {
        try {
            RecordInfo record = described(key);
            InputStream content = record == null ? null : opened(key);
            if (record == null || content == null) {
                return;
            }
            try (SourceStream counted = new SourceStream(content)) {
                target.put(key, counted, record.expiry());
                copied.add(counted.count());
            }
        } catch (SourceStream.Failure e) {
            report(key, e.reason());
        } catch (KeyedBlobs.KeyException e) {
            report(key, e);
        } catch (BlobTooLargeException e) {
            report(key, new IOException(e.getMessage()));
        }
    }

    /** Copies the blob of a key unless the other store has the same bytes, until the same moment. */
    public void copyIfDifferent(Key key) throws IOException {
        if (!isSame(key)) {
            copy(key);
        }
    }

    /**
     * Removes a key from the other store if this one has it not.
     *
     * @return whether it was removed
     */
    public boolean removeIfAbsent(Key key) throws IOException {
        return !source.contains(key) && target.remove(key);
    }

    /** Returns whether the source may have lost keys, whose absence says nothing then. */
    public boolean isSourceDamaged() {
        return source.stats().values().stream().map(StoreStats::opening).anyMatch(opening -> opening.damageCount() > 0);
    }

    private @Nullable RecordInfo described(Key key) throws SourceStream.Failure {
        try {
            return source.describe(key);
        } catch (IOException e) {
            throw new SourceStream.Failure(e);
        }
    }

    private @Nullable InputStream opened(Key key) throws SourceStream.Failure {
        try {
            return source.openStream(key);
        } catch (IOException e) {
            throw new SourceStream.Failure(e);
        }
    }

    /** What cannot be read in either is not the same: to copy it repairs the other, or tells of this. */
    private boolean isSame(Key key) {
        try {
            RecordInfo here = source.describe(key);
            RecordInfo there = target.describe(key);
            if (here == null
                    || there == null
                    || here.blobBytes() != there.blobBytes()
                    || !here.expiry().equals(there.expiry())) {
                return false;
            }
            try (InputStream ours = source.openStream(key);
                    InputStream theirs = target.openStream(key)) {
                return ours != null && theirs != null && IOUtils.contentEquals(ours, theirs);
            }
        } catch (IOException e) {
            return false;
        }
    }

    private void report(Key key, IOException problem) {
        skipped.report("key \"" + Shown.shortly(key) + "\" is not copied: " + Failures.describe(problem));
    }
}
