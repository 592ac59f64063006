/** An embedded key-to-blob store, on append-only arena files. */
module org.blobarena {
    requires com.dynatrace.hash4j;
    requires org.apache.commons.io;
    requires transitive org.blobarena.arena;
    requires org.blobarena.index;
    requires org.slf4j;
    requires static com.github.luben.zstd_jni;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports org.blobarena.cache;
    exports org.blobarena.content;
    exports org.blobarena.store;
    exports org.blobarena.store.api;
    exports org.blobarena.store.crypt;
    exports org.blobarena.store.objects;
    exports org.blobarena.store.upkeep;
}
