/**
 * One map of fixed capacity and its file: how it is laid out, made, checked before it is opened, and read and changed
 * in memory.
 *
 * <p>Knows nothing of the index that replaces one map by a larger one. {@code MapTable} says which of its methods any
 * thread may call; a map is closed by somebody who knows that nobody uses it any more.
 */
@NullMarked
package org.blobarena.index.chronicle.map;

import org.jspecify.annotations.NullMarked;
