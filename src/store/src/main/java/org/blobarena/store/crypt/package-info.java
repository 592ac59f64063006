/**
 * The keys of encrypted stores, as their users supply them.
 *
 * <p>What is here may be used from any thread.
 */
@NullMarked
package org.blobarena.store.crypt;

import org.jspecify.annotations.NullMarked;
