package org.blobarena.bench.engine;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.ByteArrayDataType;

/** The MVStore of H2, which commits in the background each second and after each MiB. */
final class MvStoreEngine extends MapEngine {

    private MvStoreEngine(MVStore store) {
        super(
                store.openMap(
                        "blobs",
                        new MVMap.Builder<byte[], byte[]>()
                                .keyType(new KeyType())
                                .valueType(ByteArrayDataType.INSTANCE)),
                store::close);
    }

    /** Arrays with an order, which the type of the library lacks. */
    private static final class KeyType extends BasicDataType<byte[]> {

        @Override
        public int compare(byte[] one, byte[] other) {
            return Arrays.compareUnsigned(one, other);
        }

        @Override
        public int getMemory(byte[] key) {
            return ByteArrayDataType.INSTANCE.getMemory(key);
        }

        @Override
        public void write(WriteBuffer buffer, byte[] key) {
            ByteArrayDataType.INSTANCE.write(buffer, key);
        }

        @Override
        public byte[] read(ByteBuffer buffer) {
            return ByteArrayDataType.INSTANCE.read(buffer);
        }

        @Override
        public byte[][] createStorage(int size) {
            return new byte[size][];
        }
    }

    static Engine open(Path directory) {
        return new MvStoreEngine(new MVStore.Builder()
                .fileName(directory.resolve("blobs.mv").toString())
                .open());
    }

    /** The map keeps what it is given until the next commit. */
    @Override
    public void put(byte[] key, byte[] blob) {
        super.put(key.clone(), blob.clone());
    }
}
