package org.blobarena.store.internal.core;

import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;

/** How blobs are stored: as the store's options say, or the caller. */
public record WriteOptions(Durability durability, Compression compression) {}
