package org.blobarena.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.blobarena.store.testing.TestStores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares a content store with maps of names and contents. */
class ContentModelTest {

    private static final int STEPS = 1500;

    @TempDir
    Path temporary;

    private final Map<String, Digest> names = new HashMap<>();
    private final Map<Digest, byte[]> contents = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void storeBehavesAsMapsInMemory(long seed) throws IOException {
        Random random = new Random(seed);
        ContentStoreBuilder builder = ContentStore.builder()
                .durability(Durability.valueOf(seed == 2 ? "BUFFERED" : "WRITTEN"))
                .compression(seed == 3 ? Compression.ZSTD : Compression.NONE)
                .verifyDigests(seed == 3);
        ContentStore store = builder.open(temporary.resolve("store"));
        try {
            for (int i = 0; i < STEPS; i++) {
                if (random.nextInt(200) == 0) {
                    store.close();
                    store = builder.open(temporary.resolve("store"));
                } else {
                    step(store, random);
                }
            }
            compare(store);
        } finally {
            store.close();
        }
    }

    private void step(ContentStore store, Random random) throws IOException {
        String name = "name" + random.nextInt(60);
        int length = random.nextInt(100) == 0 ? 1_500_000 : random.nextInt(300);
        byte[] content = TestStores.blob(length, random.nextInt(5));
        Digest digest = Digest.of(content);
        switch (random.nextInt(10)) {
            case 0 -> {
                contents.put(store.put(content), content);
                assertThat(contents).containsKey(digest);
            }
            case 1 -> contents.put(store.put(new ByteArrayInputStream(content)), content);
            case 2 -> named(name, store.put(name, new ByteArrayInputStream(content)), content);
            case 3 -> named(name, store.put(name, Files.write(temporary.resolve("file"), content)), content);
            case 4, 5 -> named(name, store.put(name, content), content);
            case 6 -> assertThat(store.unbind(name)).isEqualTo(names.remove(name) != null);
            case 7 -> {
                if (contents.containsKey(digest)) {
                    store.bind(name, digest);
                    names.put(name, digest);
                } else {
                    assertThatExceptionOfType(MissingContentException.class).isThrownBy(() -> store.bind(name, digest));
                }
            }
            case 8 -> {
                assertThat(store.resolve(name)).isEqualTo(names.get(name));
                assertThat(store.get(digest)).isEqualTo(contents.get(digest));
                assertThat(store.contains(digest)).isEqualTo(contents.containsKey(digest));
            }
            default -> collect(store, random);
        }
        assertThat(store.contentCount()).isEqualTo(contents.size());
        assertThat(store.nameCount()).isEqualTo(names.size());
    }

    private void named(String name, Digest digest, byte[] content) {
        assertThat(digest).isEqualTo(Digest.of(content));
        contents.put(digest, content);
        names.put(name, digest);
    }

    private void collect(ContentStore store, Random random) throws IOException {
        if (random.nextInt(5) > 0) {
            return;
        }
        Set<Digest> gone = new HashSet<>(contents.keySet());
        gone.removeAll(names.values());
        long bytes =
                gone.stream().mapToLong(digest -> contents.get(digest).length).sum();

        CollectReport report = store.collect();

        contents.keySet().removeAll(gone);
        assertThat(report.contentsCollected()).isEqualTo(gone.size());
        assertThat(report.bytesCollected()).isEqualTo(bytes);
        assertThat(report.contentsKept()).isEqualTo(contents.size());
        assertThat(report.names()).isEqualTo(names.size());
    }

    private void compare(ContentStore store) throws IOException {
        Map<String, Digest> found = new HashMap<>();
        store.forEachName(found::put);
        assertThat(found).isEqualTo(names);
        for (Map.Entry<Digest, byte[]> each : contents.entrySet()) {
            assertThat(store.getVerified(each.getKey())).isEqualTo(each.getValue());
        }
    }
}
