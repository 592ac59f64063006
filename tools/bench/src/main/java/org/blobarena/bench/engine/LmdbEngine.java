package org.blobarena.bench.engine;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/**
 * LMDB, with a transaction for each put and a read transaction for each thread that is used again. {@code MDB_NOSYNC} makes it
 * written and not forced.
 */
final class LmdbEngine implements Engine {

    private static final int MAP_FACTOR = 6;

    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> blobs;
    private final ThreadLocal<Access> accesses;

    private LmdbEngine(Env<ByteBuffer> env, int blobBytes) {
        this.env = env;
        blobs = env.openDbi((String) null, DbiFlags.MDB_CREATE);
        accesses = ThreadLocal.withInitial(() -> new Access(env, blobBytes));
    }

    /** What a thread uses again. */
    private static final class Access {

        private final ByteBuffer key = ByteBuffer.allocateDirect(Scale.KEY_BYTES);
        private final ByteBuffer blob;
        private final Txn<ByteBuffer> read;

        Access(Env<ByteBuffer> env, int blobBytes) {
            blob = ByteBuffer.allocateDirect(blobBytes);
            read = env.txnRead();
            read.reset();
        }

        ByteBuffer key(byte[] bytes) {
            return key.clear().put(bytes).flip();
        }
    }

    static Engine open(Path directory, Scale scale) {
        // The map is address space and not disk.
        long mapBytes = (1L << 30) + MAP_FACTOR * scale.liveBytes();
        Env<ByteBuffer> env = Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMapSize(mapBytes)
                .open(directory.toFile(), EnvFlags.MDB_NOSYNC, EnvFlags.MDB_NOTLS);
        return new LmdbEngine(env, scale.blobBytes());
    }

    @Override
    public void put(byte[] key, byte[] blob) {
        Access access = accesses.get();
        try (Txn<ByteBuffer> write = env.txnWrite()) {
            blobs.put(write, access.key(key), access.blob.clear().put(blob).flip());
            write.commit();
        }
    }

    @Override
    public byte[] get(byte[] key) {
        Access access = accesses.get();
        access.read.renew();
        try {
            ByteBuffer found = blobs.get(access.read, access.key(key));
            if (found == null) {
                return null;
            }
            byte[] blob = new byte[found.remaining()];
            found.get(blob);
            return blob;
        } finally {
            access.read.reset();
        }
    }

    @Override
    public boolean contains(byte[] key) {
        Access access = accesses.get();
        access.read.renew();
        try {
            return blobs.get(access.read, access.key(key)) != null;
        } finally {
            access.read.reset();
        }
    }

    @Override
    public void delete(byte[] key) {
        Access access = accesses.get();
        try (Txn<ByteBuffer> write = env.txnWrite()) {
            blobs.delete(write, access.key(key));
            write.commit();
        }
    }

    @Override
    public void close() {
        env.close();
    }
}
