package org.blobarena.store.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.BiConsumer;
import org.blobarena.index.IndexProbe;
import org.blobarena.index.KeyHash;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.LocationIndexFactory;

/**
 * Indexes that tell a test of every step on a key, before it and after it, in the thread that takes it: so the test can
 * let others go first there, or stop the thread.
 */
public final class SteppedIndexes {

    private static final Set<String> STEPS =
            Set.of("get", "find", "put", "putIfAbsent", "replaceIfEqual", "removeIfEqual");

    private volatile BiConsumer<String, KeyHash> before = SteppedIndexes::doNothing;
    private volatile BiConsumer<String, KeyHash> after = SteppedIndexes::doNothing;

    /** Runs before each step, which has the name of the method; null for nothing. */
    public void before(BiConsumer<String, KeyHash> action) {
        before = action == null ? SteppedIndexes::doNothing : action;
    }

    /** Runs after each step, before its caller has the result; null for nothing. */
    public void after(BiConsumer<String, KeyHash> action) {
        after = action == null ? SteppedIndexes::doNothing : action;
    }

    /** A factory whose indexes do so. */
    public LocationIndexFactory around(LocationIndexFactory factory) {
        return proxy(LocationIndexFactory.class, factory);
    }

    private static void doNothing(String step, KeyHash key) {
        // What is not watched goes on.
    }

    private <T> T proxy(Class<T> type, T delegate) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> call(delegate, method, args)));
    }

    private Object call(Object delegate, Method method, Object[] args) throws Throwable {
        KeyHash key = STEPS.contains(method.getName()) ? keyOf(args[0]) : null;
        if (key != null) {
            before.accept(method.getName(), key);
        }
        Object result;
        try {
            result = method.invoke(delegate, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (key != null) {
            after.accept(method.getName(), key);
        }
        return result instanceof LocationIndex index ? proxy(LocationIndex.class, index) : result;
    }

    private static KeyHash keyOf(Object argument) {
        if (argument instanceof IndexProbe probe) {
            return probe.hash();
        }
        return argument instanceof KeyHash hash ? hash : null;
    }
}
