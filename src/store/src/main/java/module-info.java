/** An embedded key-to-blob store, on append-only arena files. */
@SuppressWarnings("requires-automatic") // The library that hashes keys has no module name but that of its file.
module org.blobarena {
    requires org.apache.commons.io;
    requires transitive org.blobarena.arena;
    requires org.blobarena.index;
    requires org.slf4j;
    requires zero.allocation.hashing;
    // Of the automatic modules, which cannot ask for any: Chronicle's, and the library that hashes keys.
    requires java.compiler;
    requires java.management;
    requires java.naming;
    requires jdk.unsupported;
    requires static com.github.luben.zstd_jni;
    requires static org.jspecify;

    exports org.blobarena.cache;
    exports org.blobarena.content;
    exports org.blobarena.store;
    exports org.blobarena.store.api;
}
