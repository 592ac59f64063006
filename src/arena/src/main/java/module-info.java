/** A file-backed allocator for bytes that must not sit in memory, on the JDK alone. */
@SuppressWarnings("module") // The modules that a package is for need not be there.
module org.blobarena.arena {
    requires static org.jspecify;

    exports org.blobarena.arena;
    exports org.blobarena.arena.internal.budget to
            org.blobarena;
    exports org.blobarena.arena.internal.file to
            org.blobarena;
    exports org.blobarena.arena.internal.nio to
            org.blobarena,
            org.blobarena.index,
            org.blobarena.index.chronicle;
    exports org.blobarena.arena.internal.io to
            org.blobarena,
            org.blobarena.cli,
            org.blobarena.index,
            org.blobarena.index.chronicle;
}
