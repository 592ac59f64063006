package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.testing.UsualIndex;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store leaves changed in the JVM that it was opened in: nothing, but for what Chronicle Map needs. */
class SideEffectsTest {

    private static final String CLEANER =
            "net.openhft.chronicle.core.internal.cleaner.ReflectionBasedByteBufferCleanerService";

    @TempDir
    Path temporary;

    @Test
    void storeWithATableChangesNothing() throws Exception {
        assertThat(changes(IndexKind.TABLE)).containsExactly("ended");
    }

    /** As the page on embedding lists it. */
    @Test
    void storeWithAChronicleMapChangesWhatIsDocumented() throws Exception {
        UsualIndex.assumeChronicleMap();
        assertThat(changes(IndexKind.CHRONICLE_MAP))
                .containsExactly(
                        "logger " + CLEANER + ": null -> OFF",
                        "package java.base/java.lang: exported -> open",
                        "package java.base/java.lang.reflect: exported -> open",
                        "package java.base/sun.nio.ch: null -> open",
                        "ended");
    }

    private List<String> changes(IndexKind index) throws Exception {
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(), List.of(), Program.class, temporary.resolve("store"), index.name())) {
            return child.awaitEnd();
        }
    }

    /** Uses a store, and prints what is then another than before. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) throws Exception {
            TimeZone.getDefault(); // Which sets a property, whoever asks first.
            Map<String, String> before = state();
            for (int round = 0; round < 2; round++) {
                try (BlobStore<Long> store = BlobStore.builder(KeyCodec.longs())
                        .index(IndexKind.valueOf(arguments[1]))
                        .open(Path.of(arguments[0]))) {
                    for (long key = 0; key < 12_000; key++) {
                        store.put(key, new byte[10]);
                    }
                    store.get(2L);
                    store.remove(1L);
                    store.compact();
                }
            }
            Map<String, String> after = state();
            Map<String, String> all = new TreeMap<>(before);
            all.putAll(after);
            for (String name : all.keySet()) {
                String old = before.get(name);
                String found = after.get(name);
                if (!String.valueOf(old).equals(String.valueOf(found))) {
                    System.out.println(name + ": " + old + " -> " + found);
                }
            }
            System.out.println("ended");
        }

        /** What is the whole JVM's, by name. */
        private static Map<String, String> state() {
            Map<String, String> state = new TreeMap<>();
            System.getProperties().forEach((name, value) -> state.put("property " + name, (String) value));
            for (String name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
                Logger logger = LogManager.getLogManager().getLogger(name);
                if (logger != null && logger.getLevel() != null) {
                    state.put("logger " + name, logger.getLevel().getName());
                }
            }
            Module ours = Program.class.getModule();
            for (Module module : ModuleLayer.boot().modules()) {
                ModuleDescriptor descriptor = module.getDescriptor();
                for (String name : descriptor.packages()) {
                    if (module.isOpen(name, ours)) {
                        state.put("package " + descriptor.name() + "/" + name, "open");
                    } else if (module.isExported(name, ours)) {
                        state.put("package " + descriptor.name() + "/" + name, "exported");
                    }
                }
            }
            state.put("uncaught", String.valueOf(Thread.getDefaultUncaughtExceptionHandler()));
            return state;
        }
    }
}
