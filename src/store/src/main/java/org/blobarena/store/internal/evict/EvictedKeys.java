package org.blobarena.store.internal.evict;

/** Is told what was evicted, by the thread that evicts, with no lock held and after the fact. */
@FunctionalInterface
public interface EvictedKeys {

    /**
     * A key is absent from now on, unless it was put again meanwhile.
     *
     * @param key as bytes, for the callee to keep
     * @param recordBytes that its record took on disk
     */
    void evicted(byte[] key, long recordBytes);
}
