package org.blobarena.bench.engine;

import java.nio.file.Path;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/** MapDB on a mapped file without a log, its fastest form: a crash may take the whole file. */
final class MapDbEngine {

    private MapDbEngine() {}

    static Engine open(Path directory) {
        DB db = DBMaker.fileDB(directory.resolve("blobs.mapdb").toFile())
                .fileMmapEnable()
                .fileMmapPreclearDisable()
                .cleanerHackEnable()
                .make();
        return new MapEngine(
                db.hashMap("blobs", Serializer.BYTE_ARRAY, Serializer.BYTE_ARRAY)
                        .createOrOpen(),
                db::close);
    }
}
