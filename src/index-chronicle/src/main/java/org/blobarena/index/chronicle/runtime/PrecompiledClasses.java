package org.blobarena.index.chronicle.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import net.openhft.chronicle.core.pool.ClassAliasPool;
import net.openhft.chronicle.hash.VanillaGlobalMutableState;
import net.openhft.chronicle.values.ValueModel;

/**
 * Gives Chronicle Values, when it runs, the class that it would otherwise generate and compile with javac: the view of the
 * numbers in a map's header.
 *
 * <p>The build has compiled it. It is defined beside the interface that it implements, by the loader of Chronicle, wherever
 * that is: a class of a package of Chronicle in a jar of this library would split the package between two modules, and would
 * not be seen by a Chronicle that stands in a parent loader.
 *
 * <p>That alone would do on a JDK. But Chronicle Values makes a model of the interface before it looks for the class, and
 * the constructor of a model initialises Chronicle's run-time compiler ({@code CompilerUtils}), which fails for good where
 * the runtime has no module jdk.compiler. So the table of models is replaced by one that has a model of this interface,
 * which knows its class and nothing else; nothing else is asked of it. The compiler is never loaded.
 *
 * <p>Several copies of this library, in loaders of their own, may share one Chronicle: the first does it for all.
 */
final class PrecompiledClasses {

    private static final String VIEW = VanillaGlobalMutableState.class.getName() + "$$Native";
    private static final String MODELS = "net.openhft.chronicle.values.PrecompiledModels";

    private static boolean done;

    private PrecompiledClasses() {}

    /**
     * Does its work once. To be called before the first map is made or opened.
     *
     * @throws IllegalStateException if this version of Chronicle Map, or this jar, is not what it should be
     */
    @SuppressWarnings("LockOnNonEnclosingClassLiteral") // It is the point of it.
    static synchronized void install() {
        if (!done) {
            // A monitor that copies of this library share.
            synchronized (ClassAliasPool.CLASS_ALIASES) {
                try {
                    installIn(ValueModel.class.getDeclaredField("classValueModel"));
                } catch (ReflectiveOperationException | IOException e) {
                    throw new IllegalStateException("this version of Chronicle Map is not one that BlobArena knows", e);
                }
            }
            done = true;
        }
    }

    private static void installIn(Field table) throws ReflectiveOperationException, IOException {
        Class<?> models = beside(ValueModel.class, MODELS);
        table.setAccessible(true);
        Object present = table.get(null);
        if (!models.isInstance(present)) {
            Object model = model(beside(VanillaGlobalMutableState.class, VIEW));
            Object replacement = models.getConstructor(ClassValue.class, Class.class, Object.class)
                    .newInstance(present, VanillaGlobalMutableState.class, model);
            UnsafeAccess.putStatic(table, replacement);
        }
    }

    private static Object model(Class<?> view) throws ReflectiveOperationException {
        Object model = UnsafeAccess.allocate(ValueModel.class);
        Field nativeClass = ValueModel.class.getDeclaredField("nativeClass");
        nativeClass.setAccessible(true);
        nativeClass.set(model, view);
        return model;
    }

    /** Returns a class by its name, from the loader of another; defined there when it is not yet. */
    private static Class<?> beside(Class<?> neighbour, String name) throws ReflectiveOperationException, IOException {
        try {
            return Class.forName(name, false, neighbour.getClassLoader());
        } catch (ClassNotFoundException e) {
            return MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup())
                    .defineClass(bytes(name));
        }
    }

    private static byte[] bytes(String name) throws IOException {
        String resource = "/META-INF/blobarena/" + name + ".bytes";
        try (InputStream bytes = PrecompiledClasses.class.getResourceAsStream(resource)) {
            if (bytes == null) {
                throw new IllegalStateException("the jar of the index of BlobArena lacks " + resource);
            }
            return bytes.readAllBytes();
        }
    }
}
