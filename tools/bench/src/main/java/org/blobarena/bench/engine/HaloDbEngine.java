package org.blobarena.bench.engine;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;

/**
 * HaloDB, by reflection: it is in no repository of artifacts, so its classes are there only where the caller gives them. Its
 * files are as large as BlobArena's, and it compacts a file of which this share is dead.
 */
final class HaloDbEngine implements Engine {

    private static final String PACKAGE = "com.oath.halodb.";
    private static final int FILE_BYTES_MAX = 64 << 20;
    private static final double DEAD_SHARE_MAX = 0.50;

    private final Object db;
    private final Method put;
    private final Method get;
    private final Method delete;
    private final Method close;

    private HaloDbEngine(Object db) throws ReflectiveOperationException {
        this.db = db;
        put = db.getClass().getMethod("put", byte[].class, byte[].class);
        get = db.getClass().getMethod("get", byte[].class);
        delete = db.getClass().getMethod("delete", byte[].class);
        close = db.getClass().getMethod("close");
    }

    static boolean isAvailable() {
        try {
            Class.forName(PACKAGE + "HaloDB", false, HaloDbEngine.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    static Engine open(Path directory, Scale scale) throws IOException {
        try {
            Class<?> type = Class.forName(PACKAGE + "HaloDBOptions");
            Object options = type.getConstructor().newInstance();
            type.getMethod("setMaxFileSize", int.class).invoke(options, FILE_BYTES_MAX);
            type.getMethod("setNumberOfRecords", int.class).invoke(options, scale.keys());
            type.getMethod("setCompactionThresholdPerFile", double.class).invoke(options, DEAD_SHARE_MAX);
            Method open = Class.forName(PACKAGE + "HaloDB").getMethod("open", String.class, type);
            return new HaloDbEngine(open.invoke(null, directory.toString(), options));
        } catch (ReflectiveOperationException e) {
            throw new IOException(e);
        }
    }

    private Object call(Method method, Object... arguments) throws IOException {
        try {
            return method.invoke(db, arguments);
        } catch (InvocationTargetException e) {
            throw new IOException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void put(byte[] key, byte[] blob) throws IOException {
        call(put, key, blob);
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        return (byte[]) call(get, (Object) key);
    }

    @Override
    public void delete(byte[] key) throws IOException {
        call(delete, (Object) key);
    }

    @Override
    public void close() throws IOException {
        call(close);
    }
}
