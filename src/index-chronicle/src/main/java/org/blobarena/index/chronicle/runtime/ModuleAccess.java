package org.blobarena.index.chronicle.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.map.ChronicleMap;
import org.blobarena.arena.Location;

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
        UnsafeAccess.requireMemoryAccess();
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
     * Returns the flags that make {@link #ensureOpen} needless.
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
        // Class literals alone initialise none of these classes. The arena makes file channels uninterruptible too.
        return Stream.of(ModuleAccess.class, Location.class, ChronicleMap.class, Jvm.class)
                .map(Class::getModule)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static void open() throws Throwable {
        MethodHandles.Lookup lookup = UnsafeAccess.trustedLookup();
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

    private static String explain() {
        return "This JVM does not let BlobArena open the packages that its index needs; start java with " + flags();
    }
}
