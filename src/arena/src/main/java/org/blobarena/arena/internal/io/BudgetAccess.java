package org.blobarena.arena.internal.io;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the channels behind a budget of descriptors, which the users of the library do not see.
 *
 * <p>The class of budgets stands above this package, so it brings the way to its field itself, when it is initialised; the
 * JDK does the same with its {@code SharedSecrets}. Code that has a budget has initialised its class.
 */
public final class BudgetAccess {

    private static volatile @Nullable Function<Object, ChannelCache> channelsOf;

    private BudgetAccess() {}

    /**
     * For the class of budgets alone.
     *
     * @param function gives the channels of a budget
     */
    public static void set(Function<Object, ChannelCache> function) {
        channelsOf = function;
    }

    /**
     * The channels behind a budget.
     *
     * @param budget an {@code org.blobarena.arena.DescriptorBudget}
     * @return its channels
     * @throws IllegalStateException if no budget was ever made
     */
    public static ChannelCache channels(Object budget) {
        Function<Object, ChannelCache> function = channelsOf;
        if (function == null) {
            throw new IllegalStateException("the class of budgets is not initialised");
        }
        return function.apply(budget);
    }
}
