package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.httpclient.BlobHttpCacheStorage;
import org.blobarena.index.LocationIndex;
import org.blobarena.jcache.BlobCachingProvider;
import org.blobarena.micrometer.BlobStoreMetrics;
import org.blobarena.spring.BlobArenaCache;
import org.blobarena.store.BlobStore;
import org.blobarena.store.StoreAccess;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;

/** What users call is made of types that they can name: of the JDK, of what is integrated, or of packages exported to all. */
class ExportedTypesTest {

    private static final List<Path> MODULES = Stream.of(
                    Location.class,
                    LocationIndex.class,
                    BlobStore.class,
                    BlobHttpCacheStorage.class,
                    BlobCachingProvider.class,
                    BlobStoreMetrics.class,
                    BlobArenaCache.class)
            .map(ChildJvm::classesOf)
            .toList();

    private static final Pattern INTEGRATED = Pattern.compile(
            "javax\\.cache(\\..*)?|org\\.springframework\\.cache(\\..*)?|org\\.apache\\.hc\\.client5\\.http\\.cache"
                    + "|io\\.micrometer\\.core\\..*");

    @Test
    void everyPublicSignatureIsOfExportedTypes() throws Exception {
        Set<String> exported = exported();
        assertThat(exported)
                .containsExactlyInAnyOrder(
                        "org.blobarena.arena",
                        "org.blobarena.content",
                        "org.blobarena.cache",
                        "org.blobarena.httpclient",
                        "org.blobarena.index",
                        "org.blobarena.jcache",
                        "org.blobarena.micrometer",
                        "org.blobarena.spring",
                        "org.blobarena.store",
                        "org.blobarena.store.api",
                        "org.blobarena.store.crypt",
                        "org.blobarena.store.objects",
                        "org.blobarena.store.upkeep");
        List<Class<?>> types = types(exported);
        assertThat(types).hasSizeGreaterThan(40);
        for (Class<?> type : types) {
            assertThat(mentioned(type)).as(type.getName()).allMatch(each -> canBeNamed(each, exported));
        }
    }

    @Test
    void comparisonWithAnotherVersionIsOfExportedPackages() throws IOException {
        List<String> compared = Pattern.compile("<include>(org\\.blobarena\\..*)</include>")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(compared).containsExactlyInAnyOrderElementsOf(exported());
    }

    private static boolean canBeNamed(Class<?> type, Set<String> exported) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return element.isPrimitive()
                || element.getModule() == Object.class.getModule()
                || INTEGRATED.matcher(element.getPackageName()).matches()
                || exported.contains(element.getPackageName());
    }

    private static Set<String> exported() {
        return ModuleFinder.of(MODULES.toArray(Path[]::new)).findAll().stream()
                .flatMap(module -> module.descriptor().exports().stream())
                .filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static List<Class<?>> types(Set<String> packages) throws IOException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        for (Path module : MODULES) {
            for (String name : names(module)) {
                Class<?> type = Class.forName(name, false, ExportedTypesTest.class.getClassLoader());
                if (packages.contains(type.getPackageName()) && isPublic(type)) {
                    types.add(type);
                }
            }
        }
        return types;
    }

    private static List<String> names(Path module) throws IOException {
        ModuleReference reference = ModuleFinder.of(module).findAll().iterator().next();
        try (ModuleReader reader = reference.open();
                Stream<String> files = reader.list()) {
            return files.filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> file.replace(".class", "").replace('/', '.'))
                    .toList();
        }
    }

    private static boolean isPublic(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!isForUsers(each.getModifiers())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isForUsers(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** Arguments of generic types, their bounds and supertypes included: a user names these too. */
    private static Set<Class<?>> mentioned(Class<?> type) {
        Set<Class<?>> all = new HashSet<>();
        add(type.getGenericSuperclass(), all);
        add(type.getGenericInterfaces(), all);
        addBounds(type.getTypeParameters(), all);
        for (Field field : type.getDeclaredFields()) {
            if (isForUsers(field.getModifiers())) {
                add(field.getGenericType(), all);
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isForUsers(method.getModifiers())) {
                add(method.getGenericReturnType(), all);
                addSignature(method, all);
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isForUsers(constructor.getModifiers())) {
                addSignature(constructor, all);
            }
        }
        return all;
    }

    private static void addSignature(Executable call, Set<Class<?>> all) {
        add(call.getGenericParameterTypes(), all);
        add(call.getGenericExceptionTypes(), all);
        addBounds(call.getTypeParameters(), all);
    }

    private static void addBounds(TypeVariable<?>[] variables, Set<Class<?>> all) {
        for (TypeVariable<?> variable : variables) {
            add(variable.getBounds(), all);
        }
    }

    private static void add(Type[] types, Set<Class<?>> all) {
        for (Type type : types) {
            add(type, all);
        }
    }

    /** A variable adds nothing: its bounds are looked at where it is declared. */
    private static void add(Type type, Set<Class<?>> all) {
        if (type instanceof Class<?> plain) {
            all.add(plain);
        } else if (type instanceof ParameterizedType generic) {
            add(generic.getRawType(), all);
            add(generic.getActualTypeArguments(), all);
        } else if (type instanceof WildcardType wildcard) {
            add(wildcard.getLowerBounds(), all);
            add(wildcard.getUpperBounds(), all);
        } else if (type instanceof GenericArrayType array) {
            add(array.getGenericComponentType(), all);
        }
    }

    /** Else the test above could not fail. */
    @Test
    void typesThatAreNotExportedAreFoundWhereverTheyStand() throws Exception {
        assertThat(mentioned(Hidden.class))
                .contains(StoreAccess.class, ChildJvm[].class, Libraries.class, Program.class);
        assertThat(canBeNamed(ChildJvm.class, exported())).isFalse();
    }

    /** Mentions classes of tests in a bound, an argument, an array, a supertype and a wildcard. */
    public abstract static class Hidden<T extends StoreAccess> implements Supplier<Libraries> {

        public abstract List<ChildJvm[]> argument(Set<? super Program> wildcard) throws IOException;
    }
}
