/** An embedded key-to-blob store, on append-only arena files. */
@SuppressWarnings("requires-automatic") // The library that hashes keys has no module name but that of its file.
module org.blobarena {
    requires org.apache.commons.io;
    requires transitive org.blobarena.arena;
    requires org.blobarena.index;
    requires org.slf4j;
    requires zero.allocation.hashing;
    requires static com.github.luben.zstd_jni;
    requires static transitive org.jspecify;

    exports org.blobarena.store;
    exports org.blobarena.store.api;
}
