package org.blobarena.store;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.Helpers;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.TestMapGenerator;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.MapFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.blobarena.index.HeapLocationIndexFactory;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.ValueCodec;
import org.blobarena.store.internal.recovery.StoreEnvironment;
import org.blobarena.store.internal.recovery.StoreOpener;
import org.blobarena.store.testing.ArrayMapAdapter;
import org.blobarena.store.testing.ArrayMapAdapter.Bytes;
import org.blobarena.store.testing.TestDirectory;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What java.util expects of a {@code ConcurrentMap}, in the words of Guava's tests for maps. */
class StoreMapContractTest {

    @TempDir
    Path directory;

    private final List<BlobStore<?>> opened = new ArrayList<>();
    private int count;

    @TestFactory
    Stream<DynamicNode> mapOfTextKeepsTheContract() {
        TestSuite suite = ConcurrentMapTestSuiteBuilder.using(new TestStringMapGenerator() {
                    @Override
                    protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                        Map<String, String> map = open(KeyCodec.utf8()).asMap(ValueCodec.utf8());
                        for (Map.Entry<String, String> entry : entries) {
                            map.put(entry.getKey(), entry.getValue());
                        }
                        return map;
                    }
                })
                .named("map of text")
                .withFeatures(
                        MapFeature.GENERAL_PURPOSE, CollectionFeature.SUPPORTS_ITERATOR_REMOVE, CollectionSize.ANY)
                .withTearDown(this::closeAll)
                .createTestSuite();
        return nodes(suite);
    }

    /** The same of keys and values that know no equality but that of their content. */
    @TestFactory
    Stream<DynamicNode> mapOfArraysKeepsTheContract() {
        TestSuite suite = ConcurrentMapTestSuiteBuilder.using(new ArrayMapGenerator())
                .named("map of arrays")
                .withFeatures(
                        MapFeature.GENERAL_PURPOSE, CollectionFeature.SUPPORTS_ITERATOR_REMOVE, CollectionSize.ANY)
                .withTearDown(this::closeAll)
                .createTestSuite();
        return nodes(suite);
    }

    private final class ArrayMapGenerator implements TestMapGenerator<Bytes, Bytes> {

        @Override
        public SampleElements<Map.Entry<Bytes, Bytes>> samples() {
            return new SampleElements<>(
                    entry("one", "January"),
                    entry("two", "February"),
                    entry("three", "March"),
                    entry("four", "April"),
                    entry("five", "May"));
        }

        private Map.Entry<Bytes, Bytes> entry(String key, String value) {
            return Helpers.mapEntry(Bytes.of(key), Bytes.of(value));
        }

        @Override
        public Map<Bytes, Bytes> create(Object... entries) {
            BlobStore<byte[]> store = open(KeyCodec.bytes());
            ArrayMapAdapter map = new ArrayMapAdapter(store.asMap());
            for (Object object : entries) {
                Map.Entry<?, ?> entry = (Map.Entry<?, ?>) object;
                map.put((Bytes) entry.getKey(), (Bytes) entry.getValue());
            }
            return map;
        }

        @Override
        @SuppressWarnings("unchecked") // as in the generators of the library
        public Map.Entry<Bytes, Bytes>[] createArray(int length) {
            return (Map.Entry<Bytes, Bytes>[]) new Map.Entry<?, ?>[length];
        }

        @Override
        public Bytes[] createKeyArray(int length) {
            return new Bytes[length];
        }

        @Override
        public Bytes[] createValueArray(int length) {
            return new Bytes[length];
        }

        @Override
        public Iterable<Map.Entry<Bytes, Bytes>> order(List<Map.Entry<Bytes, Bytes>> insertionOrder) {
            return insertionOrder;
        }
    }

    private <K> BlobStore<K> open(KeyCodec<K> keys) {
        try {
            BlobStore<K> store = StoreAccess.environment(
                            BlobStore.builder(keys),
                            new StoreEnvironment(
                                    (path, create) -> new TestDirectory(StoreOpener.openDirectory(path, create)),
                                    HeapLocationIndexFactory.forgetting()))
                    .open(directory.resolve("store" + count++));
            opened.add(store);
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void closeAll() {
        for (BlobStore<?> store : opened) {
            try {
                store.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        opened.clear();
    }

    private static Stream<DynamicNode> nodes(TestSuite suite) {
        return Collections.list(suite.tests()).stream()
                .map(test -> test instanceof TestSuite inner
                        ? DynamicContainer.dynamicContainer(inner.getName(), nodes(inner))
                        : DynamicTest.dynamicTest(test.toString(), ((TestCase) test)::runBare));
    }
}
