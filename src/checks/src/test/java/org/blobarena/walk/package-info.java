/**
 * How much code a reader meets on the way of one get and one put: a debugger notes which files they enter.
 *
 * <p>{@code tools/walk} prints them in the order of the way, with the methods.
 */
@NullMarked
package org.blobarena.walk;

import org.jspecify.annotations.NullMarked;
