package org.blobarena.embedding;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Starts a program from jars inside of a jar, as the launcher of Spring Boot does: classes have a place that is no file,
 * and their loader is not that of the application class path.
 */
public final class NestedJarLoader extends ClassLoader {

    /** Of every jar inside: the bytes of its files by their names. */
    private final Map<String, Map<String, byte[]>> jars = new LinkedHashMap<>();

    private final String place;

    private NestedJarLoader(Path outer) throws IOException {
        super(ClassLoader.getPlatformClassLoader());
        place = outer.toUri() + "!/";
        for (Map.Entry<String, byte[]> inner :
                entries(Files.newInputStream(outer)).entrySet()) {
            jars.put(inner.getKey(), entries(new ByteArrayInputStream(inner.getValue())));
        }
    }

    /** Runs the main class that the second argument names, from the jar that the first is, with the others. */
    public static void main(String[] arguments) throws Throwable {
        ClassLoader loader = new NestedJarLoader(Path.of(arguments[0]));
        Thread.currentThread().setContextClassLoader(loader);
        Object rest = Arrays.copyOfRange(arguments, 2, arguments.length);
        try {
            loader.loadClass(arguments[1]).getMethod("main", String[].class).invoke(null, rest);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Map<String, byte[]> entries(InputStream jar) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(jar)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String file = name.replace('.', '/') + ".class";
        for (Map.Entry<String, Map<String, byte[]>> jar : jars.entrySet()) {
            byte[] bytes = jar.getValue().get(file);
            if (bytes != null) {
                return defineClass(name, bytes, 0, bytes.length, domain(jar.getKey()));
            }
        }
        throw new ClassNotFoundException(name);
    }

    private ProtectionDomain domain(String jar) {
        CodeSource source = new CodeSource(url(jar, ""), (Certificate[]) null);
        return new ProtectionDomain(source, null, this, null);
    }

    @Override
    protected @Nullable URL findResource(String name) {
        Enumeration<URL> all = findResources(name);
        return all.hasMoreElements() ? all.nextElement() : null;
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        List<URL> urls = new ArrayList<>();
        jars.forEach((jar, entries) -> {
            if (entries.containsKey(name)) {
                urls.add(url(jar, name));
            }
        });
        return Collections.enumeration(urls);
    }

    private URL url(String jar, String name) {
        try {
            return new URL(null, "nested:" + place + jar + "!/" + name, new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL url) {
                    return new Connection(url, jars.get(jar).get(name));
                }
            });
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    /** To bytes in memory. */
    private static final class Connection extends URLConnection {

        private final byte @Nullable [] bytes;

        Connection(URL url, byte @Nullable [] bytes) {
            super(url);
            this.bytes = bytes;
        }

        @Override
        public void connect() {
            // There is nothing to connect to.
        }

        @Override
        public InputStream getInputStream() throws IOException {
            if (bytes == null) {
                throw new FileNotFoundException(url.toString());
            }
            return new ByteArrayInputStream(bytes);
        }
    }
}
