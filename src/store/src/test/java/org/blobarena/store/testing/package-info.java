/** Stores, directories and values that tests of the store share. */
package org.blobarena.store.testing;
