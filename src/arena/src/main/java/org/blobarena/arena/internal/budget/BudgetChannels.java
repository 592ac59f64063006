package org.blobarena.arena.internal.budget;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.arena.internal.io.ChannelCache;

/**
 * Hands out the channels behind a budget of descriptors.
 *
 * <p>A public method of the budget would show them to users. So its method is package-private, and this class looks it up
 * with the rights that classes of one module have in each other.
 */
public final class BudgetChannels {

    private static final MethodHandle CHANNELS = find();

    private BudgetChannels() {}

    /**
     * Returns the channels behind a budget.
     *
     * @param budget the budget
     * @return its channels, always the same ones
     */
    public static ChannelCache of(DescriptorBudget budget) {
        try {
            return (ChannelCache) CHANNELS.invokeExact(budget);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e); // The method declares none.
        }
    }

    private static MethodHandle find() {
        try {
            return MethodHandles.privateLookupIn(DescriptorBudget.class, MethodHandles.lookup())
                    .findVirtual(DescriptorBudget.class, "channels", MethodType.methodType(ChannelCache.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
