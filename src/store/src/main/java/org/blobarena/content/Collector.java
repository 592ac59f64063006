package org.blobarena.content;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Durability;

/**
 * One collection: reads the digests of all names, then removes each content whose digest is not among them, unless {@link
 * ContentPins} keeps it.
 *
 * <p>Between the two it forces the contents and the names. Else a loss of power could bring a name back that was bound to another content, or
 * unbound, when the names were read, while the content it had before is removed.
 */
final class Collector {

    private static final int BATCH_DIGESTS = 512;
    private static final int VISITS_PER_UPDATE = 1024;

    private final BlobStore<String> names;
    private final BlobStore<Digest> contents;
    private final ContentPins pins;
    private final ContentSteps steps;
    private final CollectProgress progress;
    private final FingerprintSet named = new FingerprintSet();
    private final long startNanos = System.nanoTime();
    private long visits;
    private long namesVisited;
    private long kept;
    private long collected;
    private long bytesCollected;

    Collector(
            BlobStore<String> names,
            BlobStore<Digest> contents,
            ContentPins pins,
            ContentSteps steps,
            CollectProgress progress) {
        this.names = names;
        this.contents = contents;
        this.pins = pins;
        this.steps = steps;
        this.progress = progress;
    }

    /** Ends a visit of the store in its middle. */
    private static final class CancelledException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("the collection was cancelled", null, false, false);
        }
    }

    CollectReport run() throws IOException {
        boolean complete = false;
        pins.begin();
        try {
            steps.at(ContentSteps.Step.BEGUN);
            names.forEach((name, digest) -> mark(name, digest));
            steps.at(ContentSteps.Step.NAMES_READ);
            contents.force();
            names.force();
            steps.at(ContentSteps.Step.FORCED);
            sweep();
            complete = true;
        } catch (CancelledException e) {
            // What is removed by now had no name.
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        } finally {
            pins.end();
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - startNanos);
        return new CollectReport(complete, namesVisited, kept, collected, bytesCollected, duration);
    }

    private void mark(String name, byte[] digest) {
        try {
            named.add(Digest.ofName(name, digest));
        } catch (CorruptBlobException e) {
            throw new UncheckedIOException(e);
        }
        namesVisited++;
        steps.at(ContentSteps.Step.NAME_READ);
        visited();
    }

    private void sweep() throws IOException {
        List<Digest> unnamed = new ArrayList<>();
        try (Stream<Digest> digests = contents.keys()) {
            for (Iterator<Digest> each = digests.iterator(); each.hasNext(); ) {
                Digest digest = each.next();
                if (named.contains(digest)) {
                    kept++;
                } else {
                    unnamed.add(digest);
                    if (unnamed.size() == BATCH_DIGESTS) {
                        remove(unnamed);
                    }
                }
                visited();
            }
        }
        remove(unnamed);
    }

    private void remove(List<Digest> unnamed) throws IOException {
        steps.at(ContentSteps.Step.UNNAMED);
        try {
            List<Digest> doomed = pins.doom(unnamed);
            steps.at(ContentSteps.Step.DOOMED);
            long bytes = 0;
            for (Digest digest : doomed) {
                bytes += contents.sizeOf(digest).orElse(0);
            }
            // A removal that a crash undoes leaves content without a name, which the next collection removes.
            collected += contents.withDurability(Durability.BUFFERED).removeAll(doomed);
            bytesCollected += bytes;
            kept += unnamed.size() - doomed.size();
            steps.at(ContentSteps.Step.REMOVED);
        } finally {
            pins.settle();
            unnamed.clear();
        }
        steps.at(ContentSteps.Step.SETTLED);
    }

    private void visited() {
        visits++;
        if (visits % VISITS_PER_UPDATE == 0 && !progress.update(visits, names.size() + contents.size() + collected)) {
            throw new CancelledException();
        }
    }
}
