package org.blobarena.index.chronicle;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.index.chronicle.map.IndexFile;
import org.blobarena.index.chronicle.map.IndexFileName;
import org.blobarena.index.chronicle.map.IndexGeometry;
import org.blobarena.index.chronicle.map.MapGeneration;

/** Makes empty maps; tests have others than {@link MapGeneration#create}. */
@FunctionalInterface
interface MapMaker {

    /** Makes a map in a directory, by this name or the next that is not in use. */
    MapGeneration create(Path directory, IndexFileName name, IndexGeometry geometry, IndexFile.Progress progress)
            throws IOException;
}
