package org.blobarena.jcache;

import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.OptionalFeature;
import javax.cache.spi.CachingProvider;
import org.blobarena.cache.CacheFolder;
import org.jspecify.annotations.Nullable;

/**
 * The provider of JCache on BlobArena, found by {@code Caching.getCachingProvider()} where this jar is on the class path.
 *
 * <p><b>Directories.</b> A manager whose URI has the scheme {@code file} keeps its caches in the directory of that name. Any
 * other URI, the default one included, names a folder in the directory that {@link #DIRECTORY} says; a manager with
 * another class loader than the default one has a folder with the name of its loader besides. Each cache has a folder
 * of its own there, unless its {@link BlobCacheConfiguration} names one. Closing leaves what is in it for the next
 * {@code createCache} of the same name; {@code destroyCache} deletes it. One process at a time, and one manager in it, has a
 * cache open.
 *
 * <p>Values are stored by value only. Safe for use by multiple threads.
 */
public final class BlobCachingProvider implements CachingProvider {

    /**
     * The name of the property with the directory of the managers whose URI names none: of a manager's properties, else of
     * the system. By default the directory is {@code blobarena-jcache} in the working directory.
     */
    public static final String DIRECTORY = "org.blobarena.jcache.directory";

    /**
     * The name of the property with the most bytes that a cache may take on disk whose configuration does not say: of a
     * manager's properties, else of the system. By default it is {@value #DEFAULT_MAXIMUM_BYTES}.
     */
    public static final String MAXIMUM_BYTES = "org.blobarena.jcache.maximumBytes";

    /** What {@link #MAXIMUM_BYTES} is where nobody sets it: 1 GiB. */
    public static final long DEFAULT_MAXIMUM_BYTES = 1L << 30;

    private static final URI DEFAULT_URI = URI.create("blobarena:default");
    /** Stands before the name of a class loader. Names of folders have it nowhere else. */
    private static final String LOADER = "@";

    private static final String DEFAULT_DIRECTORY = "blobarena-jcache";

    private final Map<ClassLoader, Map<URI, JCacheManager>> managers = new HashMap<>();

    /** Makes a provider without managers. For {@link java.util.ServiceLoader}. */
    public BlobCachingProvider() {}

    @Override
    public CacheManager getCacheManager(
            @Nullable URI uri, @Nullable ClassLoader classLoader, @Nullable Properties properties) {
        URI name = uri == null ? getDefaultURI() : uri;
        ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
        Properties given = properties == null ? new Properties() : properties;
        synchronized (managers) {
            return managers.computeIfAbsent(loader, any -> new HashMap<>())
                    .computeIfAbsent(name, any -> new JCacheManager(this, settings(name, loader, given)));
        }
    }

    private JCacheManager.Settings settings(URI uri, ClassLoader loader, Properties properties) {
        Path directory = directory(uri, loader, properties);
        return new JCacheManager.Settings(
                uri, loader, properties, directory, maximumBytes(properties), InstantSource.system());
    }

    private Path directory(URI uri, ClassLoader loader, Properties properties) {
        if ("file".equals(uri.getScheme())) {
            try {
                return Path.of(uri);
            } catch (IllegalArgumentException e) {
                throw new CacheException("no directory has the address " + uri, e);
            }
        }
        String root = setting(DIRECTORY, properties);
        String folder = CacheFolder.nameOf(uri.toString());
        if (loader != getDefaultClassLoader()) {
            String name = loader.getName();
            folder +=
                    LOADER + CacheFolder.nameOf(name == null ? loader.getClass().getName() : name);
        }
        return Path.of(root == null ? DEFAULT_DIRECTORY : root).resolve(folder);
    }

    private static long maximumBytes(Properties properties) {
        String bytes = setting(MAXIMUM_BYTES, properties);
        try {
            return bytes == null ? DEFAULT_MAXIMUM_BYTES : Long.parseLong(bytes);
        } catch (NumberFormatException e) {
            throw new CacheException(MAXIMUM_BYTES + " is no number of bytes: " + bytes, e);
        }
    }

    private static @Nullable String setting(String name, Properties properties) {
        return properties.getProperty(name, System.getProperty(name));
    }

    @Override
    public CacheManager getCacheManager(@Nullable URI uri, @Nullable ClassLoader classLoader) {
        return getCacheManager(uri, classLoader, getDefaultProperties());
    }

    @Override
    public CacheManager getCacheManager() {
        return getCacheManager(getDefaultURI(), getDefaultClassLoader(), getDefaultProperties());
    }

    @Override
    public ClassLoader getDefaultClassLoader() {
        return Objects.requireNonNull(getClass().getClassLoader());
    }

    @Override
    public URI getDefaultURI() {
        return DEFAULT_URI;
    }

    @Override
    public Properties getDefaultProperties() {
        return new Properties();
    }

    @Override
    public void close() {
        closeAll(managers());
    }

    @Override
    public void close(ClassLoader classLoader) {
        closeAll(managers().stream()
                .filter(manager -> manager.getClassLoader().equals(classLoader))
                .toList());
    }

    @Override
    public void close(URI uri, ClassLoader classLoader) {
        closeAll(managers().stream()
                .filter(manager -> manager.getClassLoader().equals(classLoader)
                        && manager.getURI().equals(uri))
                .toList());
    }

    private static void closeAll(List<JCacheManager> closed) {
        closed.forEach(JCacheManager::close);
    }

    private List<JCacheManager> managers() {
        synchronized (managers) {
            List<JCacheManager> all = new ArrayList<>();
            managers.values().forEach(ofLoader -> all.addAll(ofLoader.values()));
            return all;
        }
    }

    /** Forgets a manager, if it is not another one by now. */
    void forget(JCacheManager manager) {
        synchronized (managers) {
            Map<URI, JCacheManager> ofLoader = managers.getOrDefault(manager.getClassLoader(), Map.of());
            if (ofLoader.get(manager.getURI()) == manager) {
                ofLoader.remove(manager.getURI());
                if (ofLoader.isEmpty()) {
                    managers.remove(manager.getClassLoader());
                }
            }
        }
    }

    @Override
    public boolean isSupported(OptionalFeature optionalFeature) {
        return false; // The only one is to store by reference.
    }
}
