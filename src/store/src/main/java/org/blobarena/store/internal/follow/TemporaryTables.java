package org.blobarena.store.internal.follow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;
import org.blobarena.store.internal.core.Failures;
import org.blobarena.store.internal.recovery.TemporaryStores;
import org.jspecify.annotations.Nullable;

/**
 * Makes each index in a temporary directory of its own, which is deleted with it; or, if the process dies first, with the
 * temporary stores that it leaves. For one thread.
 */
public final class TemporaryTables implements TemporaryIndexes {

    private final LocationIndexFactory factory;
    private final TemporaryStores directories;
    private final List<TemporaryStores.Scratch> made = new ArrayList<>();

    public TemporaryTables(LocationIndexFactory factory, TemporaryStores directories) {
        this.factory = factory;
        this.directories = directories;
    }

    @Override
    public LocationIndex create(long expectedKeys) throws IOException {
        TemporaryStores.Scratch scratch = directories.makeScratch();
        made.add(scratch);
        Path directory = scratch.path();
        return factory.create(directory, expectedKeys);
    }

    @Override
    public void close() throws IOException {
        @Nullable Throwable failure = null;
        for (TemporaryStores.Scratch scratch : made) {
            failure = Failures.after(failure, scratch.deletion());
        }
        made.clear();
        Failures.rethrow(failure);
    }
}
