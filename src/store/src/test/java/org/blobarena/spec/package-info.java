/** A reader of stores that knows store-format.md alone, and what the store is compared with by it. */
package org.blobarena.spec;
