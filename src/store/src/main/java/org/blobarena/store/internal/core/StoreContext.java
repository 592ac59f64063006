package org.blobarena.store.internal.core;

import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.SharingDirectory;
import org.blobarena.format.StoreIdentity;

/** What the parts of one open store share. */
public record StoreContext(
        Directory directory,
        StoreIdentity identity,
        KeyHasher hasher,
        StoreSettings settings,
        FileTable files,
        Background background,
        Reserve reserve,
        WriteRefusal refusal,
        RecoveredFiles recovered) {

    /** Returns the context of a store none of whose files is known. */
    public static StoreContext of(
            Directory directory, StoreIdentity identity, StoreSettings settings, Background background) {
        WriteRefusal refusal = new WriteRefusal();
        Directory shared = new SharingDirectory(directory);
        return new StoreContext(
                shared,
                identity,
                new KeyHasher(identity),
                settings,
                new FileTable(),
                background,
                new Reserve(shared, settings, background),
                refusal,
                new RecoveredFiles(refusal));
    }

    /** Returns the same store, with other knowledge of its files. */
    public StoreContext withFiles(FileTable replacement) {
        return new StoreContext(
                directory, identity, hasher, settings, replacement, background, reserve, refusal, recovered);
    }
}
