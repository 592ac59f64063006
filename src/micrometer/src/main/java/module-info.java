/** Metrics of stores and caches of BlobArena for Micrometer. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer has no module descriptor.
module org.blobarena.micrometer {
    requires transitive micrometer.core;
    requires transitive org.blobarena;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.blobarena.micrometer;
}
