package org.blobarena.store;

import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/** A key as the index has it. */
record IndexedKey(KeyHash hash, Location location) {}
