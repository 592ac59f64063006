package org.blobarena.index;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.arena.Location;
import org.jspecify.annotations.Nullable;

/**
 * The map from key hashes to the locations of records: fixed 16 bytes to fixed 12.
 *
 * <p>Every operation on one key is atomic and safe from any thread. The index is disposable: it
 * never knows anything that the arena files do not, and promises nothing about its files after a
 * process died with it open. Calls after {@link #close} are the caller's error; the store prevents
 * them.
 *
 * <p>An index that was opened from a file may verify parts of it when they are first needed. Every call that is given a key,
 * and every step of a cursor, throws a {@link DamagedIndexException} if the part that it needs is damaged, and changes nothing;
 * other parts can be used.
 */
public interface LocationIndex extends Closeable {

    /**
     * Looks a key up.
     *
     * @param key the hash of the key
     * @return its location, or null when absent
     */
    @Nullable Location get(KeyHash key);

    /**
     * Looks a key up without allocating anything.
     *
     * @param probe has the key and receives its location
     * @return whether the key is present; if not, the probe's location is undefined
     */
    default boolean find(IndexProbe probe) {
        Location location = get(probe.hash());
        if (location != null) {
            probe.found(location);
        }
        return location != null;
    }

    /**
     * Stores a location whether or not the key was present.
     *
     * @param key the hash of the key
     * @param location its new location
     * @return the location that it replaced, or null when the key was absent
     * @throws IOException if the index had to grow and could not; the key then has its old location
     */
    default @Nullable Location put(KeyHash key, Location location) throws IOException {
        IndexProbe probe = new IndexProbe();
        probe.set(key);
        probe.found(location);
        return put(probe) ? probe.location() : null;
    }

    /**
     * Stores a location whether or not the key was present, without allocating anything.
     *
     * @param probe has the key and its new location, and receives the location that it replaced; if the key was absent, or
     *     an exception is thrown, the probe's location is undefined
     * @return whether the key was present
     * @throws IOException if the index had to grow and could not; the key then has its old location
     */
    boolean put(IndexProbe probe) throws IOException;

    /**
     * Checks that {@link #put} is not known to fail for a key, so that nothing is written in vain. It is while the index
     * can neither take a new key nor grow, and where it is damaged.
     *
     * @param probe has the key; its location is undefined afterwards
     * @throws IOException if the key is absent and the index recently refused another absent key
     */
    void requireRoom(IndexProbe probe) throws IOException;

    /**
     * Stores a location when the key is absent.
     *
     * @param key the hash of the key
     * @param location its location
     * @return null when it was stored, else the location that is there and stays
     * @throws IOException if the index had to grow and could not; the key is then still absent
     */
    @Nullable Location putIfAbsent(KeyHash key, Location location) throws IOException;

    /**
     * Replaces a location when it is the expected one.
     *
     * @param key the hash of the key
     * @param expected the location that must be there
     * @param replacement the location to store
     * @return whether it was replaced
     * @throws IOException if the index had to grow and could not; nothing is then changed
     */
    boolean replaceIfEqual(KeyHash key, Location expected, Location replacement) throws IOException;

    /**
     * Removes a key when its location is the expected one.
     *
     * @param key the hash of the key
     * @param expected the location that must be there
     * @return whether it was removed
     */
    boolean removeIfEqual(KeyHash key, Location expected);

    /**
     * Returns the number of keys.
     *
     * @return the number of keys, exact when no other thread writes
     */
    long size();

    /**
     * Returns the disk space that the index occupies.
     *
     * @return bytes of all its files
     */
    long fileBytes();

    /**
     * Returns how much more disk space the index may soon take when keys are added: room that a store with a limit leaves
     * free for it.
     *
     * @return bytes beyond {@link #fileBytes}; 0 while it is not about to grow
     */
    default long growthBytes() {
        return 0; // It has no files.
    }

    /**
     * Starts an iteration over all keys. Every key that is present from the start of the iteration to its
     * end is visited exactly once; one that comes or goes meanwhile may be visited or not. The locations
     * may be stale by the time they are seen.
     *
     * @return a cursor, to be closed
     */
    Cursor cursor();

    /**
     * Closes the index after all its content is on the device, so that {@link LocationIndexFactory#open}
     * can open it as it is. No other call may be in flight.
     *
     * @return the name of the file, inside the index's directory, that now holds everything
     * @throws IOException if damage was found, or the content could not be forced to the device; the index is closed all the
     *     same
     */
    String closeForReopening() throws IOException;

    /** Closes the index without a promise about what its files hold. No other call may be in flight. */
    @Override
    void close();

    /** An iteration in chunks of bounded size, for one thread at a time. */
    interface Cursor extends Closeable {

        /**
         * Hands the entries of the next chunk to a visitor. No lock is held while the visitor runs.
         *
         * @param visitor called once for every entry of the chunk
         * @return false when the iteration had ended before this call and the visitor was not called
         */
        boolean next(Visitor visitor);

        /** Releases what the iteration holds. */
        @Override
        void close();
    }

    /** Receives entries. */
    @FunctionalInterface
    interface Visitor {

        /**
         * Receives one entry.
         *
         * @param key the hash of the key
         * @param location its location when the chunk was read
         */
        void visit(KeyHash key, Location location);
    }
}
