package org.blobarena.index.chronicle;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * Opens the packages of java.base that this library cannot do without, so that no user has to give flags.
 *
 * <p>Chronicle Map reflects into {@code java.lang}, {@code java.lang.reflect} and {@code sun.nio.ch}, and this
 * library makes file channels uninterruptible through the last. Where the packages are open already, by flags or
 * by a manifest, nothing is done. Otherwise they are opened as {@code --add-opens} would, through the lookup that
 * may do everything, {@code MethodHandles.Lookup.IMPL_LOOKUP}, which {@code sun.misc.Unsafe} can read.
 *
 * <p>From JDK 24 on, the first use of such methods of {@code Unsafe}, which Chronicle Map lives on, makes the JDK
 * print a warning, once. {@code --sun-misc-unsafe-memory-access=allow} prevents it; that is left to the user,
 * because the switch is the JVM's, not this library's. Where it says {@code deny}, no package that is open helps, and so
 * that is found out first.
 */
public final class ModuleAccess {

    private static final String UNSAFE = "sun.misc.Unsafe";
    private static final String MEMORY_ACCESS = "--sun-misc-unsafe-memory-access=allow";
    private static final List<String> PACKAGES = List.of("java.lang", "java.lang.reflect", "sun.nio.ch");

    private static boolean ready;

    private ModuleAccess() {}

    /**
     * Makes sure that the packages are open. Cheap when they are. To be called before the first file channel is
     * made uninterruptible and before the first class of Chronicle Map is initialised; any thread may call it, any
     * number of times.
     *
     * @throws IllegalStateException if the running JVM refuses; the message says what makes it work
     */
    public static synchronized void ensureOpen() {
        if (ready) {
            return;
        }
        // Of no use without, whatever is open: Chronicle Map, and the library that hashes keys, would fail in their
        // middle.
        requireMemoryAccess();
        if (!isOpen()) {
            try {
                open();
            } catch (Throwable refusal) {
                throw new IllegalStateException(explain(), refusal);
            }
            if (!isOpen()) {
                throw new IllegalStateException(explain());
            }
        }
        ready = true;
    }

    /**
     * The flags that make {@link #ensureOpen} needless.
     *
     * @return options of the {@code java} command, separated by spaces
     */
    public static String flags() {
        String targets = targets().stream()
                .map(module -> module.isNamed() ? module.getName() : "ALL-UNNAMED")
                .distinct()
                .sorted()
                .collect(Collectors.joining(","));
        return PACKAGES.stream()
                .map(name -> "--add-opens java.base/" + name + "=" + targets)
                .collect(Collectors.joining(" "));
    }

    private static boolean isOpen() {
        Module base = Object.class.getModule();
        return PACKAGES.stream().allMatch(name -> targets().stream().allMatch(module -> base.isOpen(name, module)));
    }

    private static Set<Module> targets() {
        // Class literals alone initialise none of these classes.
        return Set.copyOf(
                List.of(ModuleAccess.class.getModule(), ChronicleMap.class.getModule(), Jvm.class.getModule()));
    }

    private static void open() throws Throwable {
        MethodHandles.Lookup lookup = trustedLookup();
        Module base = Object.class.getModule();
        MethodHandle openToModule = lookup.findVirtual(
                Module.class, "implAddOpens", MethodType.methodType(void.class, String.class, Module.class));
        MethodHandle openToUnnamed = lookup.findVirtual(
                Module.class, "implAddOpensToAllUnnamed", MethodType.methodType(void.class, String.class));
        for (String name : PACKAGES) {
            for (Module module : targets()) {
                if (module.isNamed()) {
                    openToModule.invoke(base, name, module);
                } else {
                    openToUnnamed.invoke(base, name);
                }
            }
        }
    }

    private static void requireMemoryAccess() {
        try {
            call("arrayBaseOffset", Class.class, byte[].class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "This Java runtime is without sun.misc.Unsafe, which the index of BlobArena needs; add the module"
                            + " jdk.unsupported to it, as with jlink --add-modules or java --add-modules",
                    e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    "This JVM denies sun.misc.Unsafe the access to memory that the index of BlobArena needs; start java"
                            + " with " + MEMORY_ACCESS,
                    e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This JVM has a sun.misc.Unsafe that BlobArena does not know", e);
        }
    }

    private static MethodHandles.Lookup trustedLookup() throws ReflectiveOperationException {
        Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
        Object base = call("staticFieldBase", Field.class, trusted);
        long offset = (long) call("staticFieldOffset", Field.class, trusted);
        Class<?> unsafeClass = Class.forName(UNSAFE);
        Object lookup =
                unsafeClass.getMethod("getObject", Object.class, long.class).invoke(unsafe(), base, offset);
        return (MethodHandles.Lookup) lookup;
    }

    // By reflection, because a compiler warning about Unsafe cannot be suppressed in the source.
    private static Object call(String method, Class<?> type, Object argument) throws ReflectiveOperationException {
        return Class.forName(UNSAFE).getMethod(method, type).invoke(unsafe(), argument);
    }

    private static Object unsafe() throws ReflectiveOperationException {
        Field theUnsafe = Class.forName(UNSAFE).getDeclaredField("theUnsafe");
        theUnsafe.setAccessible(true);
        return theUnsafe.get(null);
    }

    private static String explain() {
        return "This JVM does not let BlobArena open the packages that its index needs; start java with " + flags();
    }
}
