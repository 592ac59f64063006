package org.blobarena.store.objects;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.blobarena.store.api.ValueCodec;
import org.jspecify.annotations.Nullable;

/**
 * Java serialization, with classes from a class loader and through a filter, if any.
 *
 * @param <V> the type of values
 */
final class SerialCodec<V> implements ValueCodec<V> {

    private final ClassLoader loader;
    private final @Nullable ObjectInputFilter filter;

    SerialCodec(ClassLoader loader, @Nullable ObjectInputFilter filter) {
        this.loader = loader;
        this.filter = filter;
    }

    @Override
    public byte[] encode(V value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        } catch (IOException e) {
            throw unencodable(value, e);
        }
        return bytes.toByteArray();
    }

    /** Returns the same bytes for objects that differ only in which of their equal texts and numbers are one object. */
    byte[] encodeCanonically(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new CanonicalOutput(bytes)) {
            out.writeObject(value);
        } catch (IOException e) {
            throw unencodable(value, e);
        }
        return bytes.toByteArray();
    }

    private static IllegalArgumentException unencodable(Object value, IOException failure) {
        String reason = failure instanceof NotSerializableException ? " is or holds what is not Serializable: " : ": ";
        return new IllegalArgumentException(
                "an object of " + value.getClass() + reason + failure.getMessage(), failure);
    }

    @Override
    public boolean returnsStableBlobs() {
        return true;
    }

    @Override
    @SuppressWarnings("unchecked") // The user's types are not known here. A cast of his finds it out.
    public V decode(byte[] blob) {
        Object value = read(blob);
        if (value == null) {
            throw new IllegalArgumentException("an object reads itself back as null");
        }
        return (V) value;
    }

    /** Classes of users read themselves, and may fail with anything. */
    private @Nullable Object read(byte[] blob) {
        try (ObjectInputStream in = new LoaderInput(new ByteArrayInputStream(blob), loader)) {
            if (filter != null) {
                in.setObjectInputFilter(filter);
            }
            return in.readObject();
        } catch (IOException | ClassNotFoundException | LinkageError | RuntimeException e) {
            throw new IllegalArgumentException("an object cannot be read back: " + e, e);
        }
    }

    /** A stream in which equal texts, and equal boxed numbers, are one object. */
    private static final class CanonicalOutput extends ObjectOutputStream {

        private final Map<Object, Object> first = new HashMap<>();

        CanonicalOutput(OutputStream out) throws IOException {
            super(out);
            boolean unused = enableReplaceObject(true);
        }

        @Override
        protected @Nullable Object replaceObject(@Nullable Object object) {
            if (object instanceof String || object instanceof Number || object instanceof Character) {
                Object before = first.putIfAbsent(object, object);
                return before == null ? object : before;
            }
            return object;
        }
    }

    /** A stream that finds classes by a loader. */
    private static final class LoaderInput extends ObjectInputStream {

        private final ClassLoader loader;

        LoaderInput(InputStream in, ClassLoader loader) throws IOException {
            super(in);
            this.loader = loader;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, loader);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description); // Knows the primitive types.
            }
        }

        @Override
        @SuppressWarnings("deprecation") // The way of the superclass, which says so of itself too.
        protected Class<?> resolveProxyClass(String[] names) throws IOException, ClassNotFoundException {
            Class<?>[] interfaces = new Class<?>[names.length];
            for (int i = 0; i < names.length; i++) {
                interfaces[i] = Class.forName(names[i], false, loader);
            }
            return Proxy.getProxyClass(loader, interfaces);
        }
    }
}
