package org.blobarena.store.internal.core;

import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.SharingDirectory;
import org.blobarena.format.ArenaHeader;
import org.blobarena.format.Layout;
import org.blobarena.format.StoreIdentity;
import org.blobarena.store.internal.core.crypt.FileCipher;
import org.blobarena.store.internal.core.crypt.SecretHash;
import org.blobarena.store.internal.core.crypt.StoreKeys;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one open store share.
 *
 * @param keys of an encrypted store, else null
 */
public record StoreContext(
        Directory directory,
        StoreIdentity identity,
        KeyHasher hasher,
        StoreSettings settings,
        FileTable files,
        Background background,
        Reserve reserve,
        WriteRefusal refusal,
        RecoveredFiles recovered,
        @Nullable StoreKeys keys) {

    /** Returns the context of a store none of whose files is known. */
    public static StoreContext of(
            Directory directory,
            StoreIdentity identity,
            @Nullable StoreKeys keys,
            StoreSettings settings,
            Background background) {
        WriteRefusal refusal = new WriteRefusal();
        Directory shared = new SharingDirectory(directory);
        return new StoreContext(
                shared,
                identity,
                new KeyHasher(identity, keys == null ? null : new SecretHash(keys.hashKey())),
                settings,
                new FileTable(),
                background,
                new Reserve(shared, settings, background),
                refusal,
                new RecoveredFiles(refusal),
                keys);
    }

    /** Returns the same store, with other knowledge of its files. */
    public StoreContext withFiles(FileTable replacement) {
        return new StoreContext(
                directory, identity, hasher, settings, replacement, background, reserve, refusal, recovered, keys);
    }

    /** Whether a file is encrypted with another key than those that are begun now. */
    public boolean isOfFormerKey(StoreFile file) {
        FileCipher cipher = file.cipher();
        ArenaHeader.FileKey fileKey = cipher == null ? null : cipher.fileKey();
        return fileKey != null && keys != null && fileKey.keyId() != keys.currentKeyId();
    }

    /** How records stand in the files. */
    public Layout layout() {
        return identity.layout();
    }
}
