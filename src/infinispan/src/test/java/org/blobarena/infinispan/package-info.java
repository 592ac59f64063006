/** Infinispan's own tests of a store, and those of what it does not test: crashes, other segments, and misuse. */
package org.blobarena.infinispan;
