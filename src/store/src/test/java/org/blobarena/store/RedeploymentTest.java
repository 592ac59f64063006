package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that is loaded, used and dropped again by an application server: nothing of it stays. */
class RedeploymentTest {

    /** Many, since a compiler that is late holds the classes that wait for it. */
    private static final int COLLECTIONS_MAX = 10_000;

    @TempDir
    Path temporary;

    @Test
    void closedStoresLeaveNothingThatKeepsTheirClassLoader() throws Exception {
        List<Path> classPath = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
        try (ChildJvm child = ChildJvm.start(
                classPath,
                List.of("-Xmx128m", "-XX:SoftRefLRUPolicyMSPerMB=0"),
                Server.class,
                temporary.resolve("store"))) {
            assertThat(child.awaitEnd()).contains("collected", "properties unchanged");
        }
    }

    /** The thread that all stores share was started for one application, and lives on for another. */
    @Test
    void applicationThatSharesTheLibraryIsGoneWhileAStoreOfAnotherIsOpen() throws Exception {
        try (ChildJvm child = ChildJvm.start(
                classPath(),
                List.of("-Xmx128m", "-XX:SoftRefLRUPolicyMSPerMB=0"),
                SharingServer.class,
                temporary.resolve("store"))) {
            assertThat(child.awaitEnd()).contains("collected").doesNotContain("kept");
        }
    }

    private static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .toList();
    }

    /** Loads the library with a loader of its own, as a server does for an application. */
    static final class Server {

        private Server() {}

        public static void main(String[] arguments) throws Exception {
            TimeZone.getDefault(); // Which sets a property, whoever asks first.
            Properties before = (Properties) System.getProperties().clone();
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int deployment = 0; deployment < 2; deployment++) {
                loaders.add(deploy(arguments[0] + deployment));
            }
            System.out.println(before.equals(System.getProperties()) ? "properties unchanged" : "properties changed");
            for (int i = 0; i < COLLECTIONS_MAX; i++) {
                System.gc();
                if (loaders.stream().allMatch(loader -> loader.get() == null)) {
                    System.out.println("collected");
                    return;
                }
            }
            System.out.println("kept");
        }

        private static WeakReference<ClassLoader> deploy(String directory)
                throws ReflectiveOperationException, IOException {
            URLClassLoader loader = new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader());
            Thread thread = Thread.currentThread();
            ClassLoader outer = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                loader.loadClass(Application.class.getName())
                        .getMethod("main", String[].class)
                        .invoke(null, (Object) new String[] {directory});
            } catch (InvocationTargetException e) {
                throw new IllegalStateException(e.getCause());
            } finally {
                thread.setContextClassLoader(outer);
                loader.close();
            }
            return new WeakReference<>(loader);
        }

        private static URL[] urls() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (Path entry : classPath()) {
                urls.add(entry.toUri().toURL());
            }
            return urls.toArray(new URL[0]);
        }
    }

    /** With the index that is this library's own: others keep of an application what they like. */
    private static BlobStore<Long> openTable(Path directory) throws IOException {
        return BlobStore.builder(KeyCodec.longs()).index(IndexKind.TABLE).open(directory);
    }

    /** Has the library itself, and loads only an application with a loader of its own. */
    static final class SharingServer {

        private SharingServer() {}

        public static void main(String[] arguments) throws Exception {
            List<BlobStore<Long>> others = new ArrayList<>();
            WeakReference<ClassLoader> loader = deploy(arguments[0], () -> {
                others.add(openTable(Path.of(arguments[0] + "-other")));
                return null;
            });
            boolean collected = false;
            for (int i = 0; i < COLLECTIONS_MAX && !collected; i++) {
                System.gc();
                collected = loader.get() == null;
            }
            System.out.println(collected ? "collected" : "kept");
            for (BlobStore<Long> other : others) {
                other.put(1L, new byte[10]);
                other.close();
            }
        }

        private static WeakReference<ClassLoader> deploy(String directory, Callable<Void> meanwhile)
                throws ReflectiveOperationException {
            ClassLoader loader = new OwnClass(Tenant.class.getName());
            Thread thread = Thread.currentThread();
            ClassLoader outer = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                loader.loadClass(Tenant.class.getName())
                        .getMethod("run", String.class, Callable.class)
                        .invoke(null, directory, meanwhile);
            } finally {
                thread.setContextClassLoader(outer);
            }
            return new WeakReference<>(loader);
        }
    }

    /** Defines one class, and has the others from the server. */
    private static final class OwnClass extends ClassLoader {

        private final String own;

        OwnClass(String own) {
            super(OwnClass.class.getClassLoader());
            this.own = own;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(own)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] read = bytes.readAllBytes();
                return defineClass(name, read, 0, read.length, new ProtectionDomain(null, null, this, null));
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** An application that opens the first store of all and closes it while another is open. */
    public static final class Tenant {

        private Tenant() {}

        public static void run(String directory, Callable<Void> meanwhile) throws Exception {
            try (BlobStore<Long> store =
                    BlobStore.builder(KeyCodec.longs()).index(IndexKind.TABLE).open(Path.of(directory))) {
                store.put(1L, new byte[10]);
                meanwhile.call();
                store.compact();
            }
        }
    }

    /** Uses a store in the server's thread: enough keys for the index to grow, all ways to read, and a clean close. */
    public static final class Application {

        private Application() {}

        public static void main(String[] arguments) throws Exception {
            for (int round = 0; round < 2; round++) {
                try (BlobStore<Long> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.longs())) {
                    for (long key = 0; key < 12_000; key++) {
                        store.put(key, new byte[10]);
                    }
                    store.remove(1L);
                    store.get(2L);
                    store.forEach((key, value) -> {});
                    store.compact();
                    store.force();
                }
            }
        }
    }
}
