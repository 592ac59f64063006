/**
 * Tests of the tests: one-line bugs that are planted in the product, one by one, and the tests that must fail for each.
 *
 * <p>The list is {@code tools/mutants.list}; {@code tools/mutants} runs it.
 */
@NullMarked
package org.blobarena.mutants;

import org.jspecify.annotations.NullMarked;
