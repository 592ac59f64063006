package org.blobarena.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.blobarena.arena.Location;
import org.blobarena.index.LocationIndex;
import org.blobarena.store.BlobStore;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;

/** What users call is made of types that they can name: of the JDK, or of packages exported to everybody. */
class ExportedTypesTest {

    private static final List<Path> MODULES = Stream.of(Location.class, LocationIndex.class, BlobStore.class)
            .map(ChildJvm::classesOf)
            .toList();

    @Test
    void everyPublicSignatureIsOfExportedTypes() throws Exception {
        Set<String> exported = exported();
        assertThat(exported)
                .containsExactlyInAnyOrder(
                        "org.blobarena.arena", "org.blobarena.index", "org.blobarena.store", "org.blobarena.store.api");
        List<Class<?>> types = types(exported);
        assertThat(types).hasSizeGreaterThan(40);
        for (Class<?> type : types) {
            assertThat(mentioned(type)).as(type.getName()).allMatch(each -> canBeNamed(each, exported));
        }
    }

    private static boolean canBeNamed(Class<?> type, Set<String> exported) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        return element.isPrimitive()
                || element.getModule() == Object.class.getModule()
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
        for (String list : List.of("arena", "index", "store")) {
            for (String name : names(list)) {
                Class<?> type = Class.forName(name, false, ExportedTypesTest.class.getClassLoader());
                if (packages.contains(type.getPackageName()) && isPublic(type)) {
                    types.add(type);
                }
            }
        }
        return types;
    }

    private static List<String> names(String module) throws IOException {
        String file = "/META-INF/blobarena/" + module + ".classes";
        try (InputStream in = ExportedTypesTest.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
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

    private static List<Class<?>> mentioned(Class<?> type) {
        List<Class<?>> all = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isForUsers(field.getModifiers())) {
                all.add(field.getType());
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isForUsers(method.getModifiers())) {
                all.add(method.getReturnType());
                addArguments(method, all);
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isForUsers(constructor.getModifiers())) {
                addArguments(constructor, all);
            }
        }
        return all;
    }

    private static void addArguments(Executable call, List<Class<?>> all) {
        all.addAll(Arrays.asList(call.getParameterTypes()));
        all.addAll(Arrays.asList(call.getExceptionTypes()));
    }
}
