/** The programs behind {@code tools/soak}. */
package org.blobarena.store.soak;
