/**
 * Codecs of objects of any class, by Java serialization, for caches whose users name no codec.
 *
 * <p>On {@link org.blobarena.store.api} alone. Threads: everything is safe for use by multiple threads.
 */
@NullMarked
package org.blobarena.store.objects;

import org.jspecify.annotations.NullMarked;
