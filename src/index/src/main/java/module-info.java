/** The index of a store as the store sees it, and the interface by which an implementation is found. */
module org.blobarena.index {
    requires transitive org.blobarena.arena;
    requires static org.jspecify;

    exports org.blobarena.index;

    uses org.blobarena.index.LocationIndexFactory;

    provides org.blobarena.index.LocationIndexFactory with
            org.blobarena.index.table.TableIndexFactory;
}
