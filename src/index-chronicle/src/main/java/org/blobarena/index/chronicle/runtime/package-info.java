/**
 * What must be done to the Java machine, and to the classes of Chronicle, before the first map is made or opened: packages
 * of java.base opened, switches set, and classes defined that Chronicle would otherwise compile.
 *
 * <p>Each is done once, by any thread.
 */
@NullMarked
package org.blobarena.index.chronicle.runtime;

import org.jspecify.annotations.NullMarked;
