/**
 * Programs that show the store at work on real files: a cache, a crawler and a graph. Each checks what it did, and prints
 * figures.
 */
@NullMarked
package org.blobarena.examples;

import org.jspecify.annotations.NullMarked;
