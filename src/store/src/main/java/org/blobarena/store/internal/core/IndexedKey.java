package org.blobarena.store.internal.core;

import org.blobarena.arena.Location;
import org.blobarena.index.KeyHash;

/** A key as the index has it. */
public record IndexedKey(KeyHash hash, Location location) {}
