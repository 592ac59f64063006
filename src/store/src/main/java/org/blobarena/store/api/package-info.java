/**
 * What users of a store name beside the store itself: options, codecs, reports, figures and exceptions.
 *
 * <p>Its one job is to give these a place below the store's own packages, which all use them. It uses none of them.
 *
 * <p>Threads: everything here is immutable, and codecs are called by any thread.
 */
@NullMarked
package org.blobarena.store.api;

import org.jspecify.annotations.NullMarked;
