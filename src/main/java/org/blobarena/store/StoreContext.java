package org.blobarena.store;

import org.blobarena.arena.io.Directory;
import org.blobarena.format.StoreIdentity;

/** What the parts of one open store share. */
record StoreContext(
        Directory directory,
        StoreIdentity identity,
        KeyHasher hasher,
        StoreSettings settings,
        FileTable files,
        Background background,
        Reserve reserve) {}
