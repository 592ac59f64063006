/** The index of a store on Chronicle Map. Open, because Chronicle Map makes objects of its classes by their names. */
@SuppressWarnings("requires-automatic") // Chronicle's jars have no module names but those of their files.
open module org.blobarena.index.chronicle {
    requires chronicle.algorithms;
    requires chronicle.bytes;
    requires chronicle.core;
    requires chronicle.map;
    requires chronicle.values;
    requires chronicle.wire;
    requires java.logging;
    requires org.blobarena.index;
    requires org.slf4j;
    // Of Chronicle, whose jars cannot ask for any.
    requires java.compiler;
    requires java.management;
    requires java.naming;
    requires jdk.unsupported;
    requires static org.jspecify;

    provides org.blobarena.index.LocationIndexFactory with
            org.blobarena.index.chronicle.ChronicleLocationIndexFactory;
}
