/** A provider of JCache on caches of BlobArena. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // The API has no module name but its file's.
module org.blobarena.jcache {
    requires transitive cache.api;
    requires java.management;
    requires transitive org.blobarena;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.blobarena.jcache;

    provides javax.cache.spi.CachingProvider with
            org.blobarena.jcache.BlobCachingProvider;
}
