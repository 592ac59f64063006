package org.blobarena.bench.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * RocksDB, plain or with blob files. The blobs of the benchmark cannot be compressed, so it does not try; it has the Bloom
 * filter that its documentation recommends for gets.
 */
final class RocksDbEngine implements Engine {

    private static final long BLOB_FILE_BYTES = 64 << 20;
    private static final double BLOOM_BITS = 10;

    private final Options options;
    private final RocksDB db;

    private RocksDbEngine(Options options, RocksDB db) {
        this.options = options;
        this.db = db;
    }

    static Engine open(Path directory, boolean blobFiles) throws IOException {
        RocksDB.loadLibrary();
        Options options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(new BloomFilter(BLOOM_BITS)));
        if (blobFiles) {
            options.setEnableBlobFiles(true).setBlobFileSize(BLOB_FILE_BYTES).setEnableBlobGarbageCollection(true);
        }
        try {
            return new RocksDbEngine(options, RocksDB.open(options, directory.toString()));
        } catch (RocksDBException e) {
            options.close();
            throw new IOException(e);
        }
    }

    @Override
    public void put(byte[] key, byte[] blob) throws IOException {
        try {
            db.put(key, blob);
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    @Override
    public byte[] get(byte[] key) throws IOException {
        try {
            return db.get(key);
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    @Override
    public boolean contains(byte[] key) {
        return db.keyExists(key);
    }

    @Override
    public void delete(byte[] key) throws IOException {
        try {
            db.delete(key);
        } catch (RocksDBException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            db.closeE();
        } catch (RocksDBException e) {
            throw new IOException(e);
        } finally {
            options.close();
        }
    }
}
