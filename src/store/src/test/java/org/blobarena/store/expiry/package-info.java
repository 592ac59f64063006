/** Blobs that expire: what their users see, compaction, crashes and races. */
package org.blobarena.store.expiry;
