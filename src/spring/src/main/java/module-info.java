/** A cache manager of Spring on caches of BlobArena. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Spring's modules have but their name.
module org.blobarena.spring {
    requires transitive org.blobarena;
    requires org.slf4j;
    requires transitive spring.context;
    requires static org.jspecify;

    exports org.blobarena.spring;
}
