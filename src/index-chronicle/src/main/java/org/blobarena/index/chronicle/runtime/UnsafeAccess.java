package org.blobarena.index.chronicle.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;

/**
 * The few things that only {@code sun.misc.Unsafe} can do and this library needs.
 *
 * <p>By reflection, because a compiler warning about {@code Unsafe} cannot be suppressed in the source.
 */
final class UnsafeAccess {

    private static final String UNSAFE = "sun.misc.Unsafe";
    private static final String MEMORY_ACCESS = "--sun-misc-unsafe-memory-access=allow";

    private UnsafeAccess() {}

    /** Throws an {@code IllegalStateException} that says what helps when the JVM denies access to memory. */
    static void requireMemoryAccess() {
        try {
            call("arrayBaseOffset", Class.class, byte[].class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "this Java runtime is without sun.misc.Unsafe, which the index of BlobArena needs; add the module"
                            + " jdk.unsupported to it, as with jlink --add-modules or java --add-modules",
                    e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    "this JVM denies sun.misc.Unsafe the access to memory that the index of BlobArena needs; start java"
                            + " with " + MEMORY_ACCESS,
                    e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM has a sun.misc.Unsafe that BlobArena does not know", e);
        }
    }

    /** Returns the lookup that may do everything. */
    static MethodHandles.Lookup trustedLookup() throws ReflectiveOperationException {
        Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
        Object lookup = Class.forName(UNSAFE)
                .getMethod("getObject", Object.class, long.class)
                .invoke(unsafe(), base(trusted), offset(trusted));
        return (MethodHandles.Lookup) lookup;
    }

    /** Sets a static field, be it final. */
    static void putStatic(Field field, Object value) throws ReflectiveOperationException {
        Class.forName(UNSAFE)
                .getMethod("putObjectVolatile", Object.class, long.class, Object.class)
                .invoke(unsafe(), base(field), offset(field), value);
    }

    /** Makes an object without calling a constructor. */
    static Object allocate(Class<?> type) throws ReflectiveOperationException {
        return call("allocateInstance", Class.class, type);
    }

    private static Object base(Field field) throws ReflectiveOperationException {
        return call("staticFieldBase", Field.class, field);
    }

    private static long offset(Field field) throws ReflectiveOperationException {
        return (long) call("staticFieldOffset", Field.class, field);
    }

    private static Object call(String method, Class<?> type, Object argument) throws ReflectiveOperationException {
        return Class.forName(UNSAFE).getMethod(method, type).invoke(unsafe(), argument);
    }

    private static Object unsafe() throws ReflectiveOperationException {
        Field theUnsafe = Class.forName(UNSAFE).getDeclaredField("theUnsafe");
        theUnsafe.setAccessible(true);
        return theUnsafe.get(null);
    }
}
