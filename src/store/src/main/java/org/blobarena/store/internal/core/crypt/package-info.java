/**
 * Encryption: how keys are derived, and what encrypts and decrypts with them. Knows the layout of records by {@link
 * org.blobarena.format}, and nothing of files but what stands in their headers.
 *
 * <p>Safe from any thread, where a class does not say otherwise.
 */
@NullMarked
package org.blobarena.store.internal.core.crypt;

import org.jspecify.annotations.NullMarked;
