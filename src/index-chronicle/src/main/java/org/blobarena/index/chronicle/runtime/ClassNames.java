package org.blobarena.index.chronicle.runtime;

import java.io.IOException;
import java.util.List;
import net.openhft.chronicle.core.pool.ClassAliasPool;

/**
 * Lets Chronicle find classes of this library by the names that stand in the header of a map.
 *
 * <p>It looks for them with its own class loader. That does not see them when it is the parent of ours. So they are entered
 * in its table of names, and taken out again: it would keep our class loader for as long as it lives itself.
 */
public final class ClassNames {

    private ClassNames() {}

    /** Something that reads the header of a map. */
    @FunctionalInterface
    public interface Opening<T> {

        /** Does it. */
        T open() throws IOException;
    }

    /** Opens something while Chronicle knows these classes by their names. */
    public static <T> T openKnowing(List<Class<?>> classes, Opening<T> opening) throws IOException {
        ClassAliasPool names = ClassAliasPool.CLASS_ALIASES;
        // A monitor that copies of this library share: each has classes of these names.
        synchronized (names) {
            classes.forEach(type -> names.addAlias(type, type.getName()));
            try {
                return opening.open();
            } finally {
                classes.forEach(type -> names.removePackage(type.getPackageName()));
            }
        }
    }
}
