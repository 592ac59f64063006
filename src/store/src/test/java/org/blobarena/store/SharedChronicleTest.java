package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.blobarena.arena.Location;
import org.blobarena.index.LocationIndex;
import org.blobarena.index.chronicle.runtime.ModuleAccess;
import org.blobarena.store.testing.TestStores;
import org.blobarena.store.testing.UsualIndex;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application server that has Chronicle in a class loader above those of its applications. */
class SharedChronicleTest {

    @TempDir
    Path temporary;

    @Test
    void applicationsThatShareOneChronicleUseTheirStores() throws Exception {
        UsualIndex.assumeChronicleMap();
        Set<Path> ours = Set.of(
                ChildJvm.classesOf(Location.class),
                ChildJvm.classesOf(LocationIndex.class),
                ChildJvm.classesOf(ModuleAccess.class),
                ChildJvm.classesOf(BlobStore.class),
                ChildJvm.classesOf(SharedChronicleTest.class));
        List<Path> others = new ArrayList<>(ChildJvm.classPath());
        others.removeAll(ours);
        try (URLClassLoader shared = new URLClassLoader(urls(others), ClassLoader.getPlatformClassLoader());
                URLClassLoader first = new URLClassLoader(urls(ours), shared);
                URLClassLoader second = new URLClassLoader(urls(ours), shared)) {
            use(first, "first");
            use(second, "second");
            List<String> indexes = indexes("second");
            use(first, "second");
            assertThat(indexes("second"))
                    .as("opened as it was closed, not made anew")
                    .isEqualTo(indexes);

            String view = "net.openhft.chronicle.hash.VanillaGlobalMutableState$$Native";
            assertThat(Class.forName(view, false, first).getClassLoader()).isSameAs(shared);
        }
    }

    /** Opens a store twice, so that the index is made, grown, and opened as it was closed. */
    private void use(ClassLoader loader, String directory) throws ReflectiveOperationException {
        Class<?> application = loader.loadClass(RedeploymentTest.Application.class.getName());
        assertThat(application.getClassLoader()).isSameAs(loader);
        application.getMethod("main", String[].class).invoke(null, (Object)
                new String[] {temporary.resolve(directory).toString()});
    }

    private List<String> indexes(String directory) throws IOException {
        return TestStores.files(temporary.resolve(directory)).keySet().stream()
                .filter(name -> name.startsWith("index-"))
                .toList();
    }

    private static URL[] urls(Iterable<Path> entries) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (Path entry : entries) {
            urls.add(entry.toUri().toURL());
        }
        return urls.toArray(new URL[0]);
    }
}
