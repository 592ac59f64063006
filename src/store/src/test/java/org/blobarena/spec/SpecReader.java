package org.blobarena.spec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.spec.SpecFile.Entry;
import org.blobarena.spec.SpecFile.Hash;
import org.blobarena.spec.SpecFile.Hole;
import org.blobarena.spec.SpecFile.Rec;

/**
 * Reads a store without its index, by the section "Reading only, without the index" of store-format.md and by no class of
 * the library. So what that page says can be held against what the library does.
 */
public final class SpecReader {

    private static final Pattern ARENA = Pattern.compile("([0-9a-f]{8})\\.arena");

    private final Map<String, byte[]> files;
    private final TreeMap<Long, SpecFile> arenas = new TreeMap<>();
    private final Map<Long, Mark> mark = new HashMap<>();
    private final Map<Hash, Entry> newest = new HashMap<>();
    private final TreeSet<String> damage = new TreeSet<>();
    private final Set<Long> headerDamaged = new HashSet<>();
    private ByteBuffer storeId = ByteBuffer.allocate(0);
    private long seed;
    private final long nowMillis;
    private long tornBytes;

    /** The store is of a newer version, or of another store. */
    public static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        Refused(String file) {
            super(file);
        }
    }

    /** What the mark has of a file. */
    private record Mark(int status, long length) {}

    /**
     * Reads a store.
     *
     * @param files the content of every regular file of its directory
     */
    public SpecReader(Map<String, byte[]> files) throws Refused {
        this(files, System.currentTimeMillis());
    }

    /**
     * Reads a store.
     *
     * @param files the content of every regular file of its directory
     * @param nowMillis the moment, since the epoch
     */
    public SpecReader(Map<String, byte[]> files, long nowMillis) throws Refused {
        this.files = files;
        this.nowMillis = nowMillis;
        readIdentity();
        readHeaders();
        readMark();
        Map<Long, Rec> footers = new HashMap<>();
        arenas.forEach((id, file) -> {
            Rec footer = file.footer();
            if (footer != null) {
                footers.put(id, footer);
            }
        });
        mark.keySet().stream().filter(id -> !arenas.containsKey(id)).forEach(id -> damage.add(name(id) + " 0"));
        leaveOutReplaced(footers);
        for (SpecFile file : arenas.values()) {
            Rec footer = footers.get(file.id());
            List<Entry> listed = footer == null ? null : file.listed(footer);
            if (listed != null) {
                listed.forEach(this::apply);
                if (headerDamaged.contains(file.id())) {
                    damage.add(name(file.id()) + " 0");
                }
            } else {
                if (footer != null) {
                    damage.add(name(file.id()) + " " + file.lastBlockOffset(footer));
                }
                scan(file, footer != null);
            }
        }
    }

    /** Places that are damaged: name of the file, a space, offset. */
    public Set<String> damage() {
        return damage;
    }

    /** Bytes of unfinished writes. */
    public long tornBytes() {
        return tornBytes;
    }

    /** How many hashes have a value, whether it can be read or not. */
    public long size() {
        return newest.values().stream()
                .filter(entry -> entry.type() == SpecFile.VALUE)
                .count();
    }

    /** What a key has. */
    public sealed interface Answer {}

    /** Nothing. */
    public record Absent() implements Answer {}

    /** A blob that cannot be read. */
    public record Corrupt() implements Answer {}

    /** A blob. */
    public record Blob(ByteBuffer bytes) implements Answer {}

    /** Looks a key up. */
    public Answer get(byte[] key) {
        Hash hash = SpecFile.hash(key, seed);
        Entry entry = newest.get(hash);
        if (entry == null || entry.type() == SpecFile.TOMBSTONE) {
            return new Absent();
        }
        Rec found = entry.file().record(entry.offset());
        if (found == null
                || found.type() != SpecFile.VALUE
                || found.end() - found.offset() != entry.length()
                || !SpecFile.hash(entry.file().key(found), seed).equals(hash)) {
            return new Corrupt();
        }
        if (!Arrays.equals(entry.file().key(found), key)) {
            return new Absent();
        }
        if (found.expires() && nowMillis >= entry.file().moment(found)) {
            return new Absent();
        }
        byte[] payload = entry.file().payload(found);
        return payload == null ? new Corrupt() : new Blob(ByteBuffer.wrap(payload));
    }

    // ---- STORE, arena headers, CLEAN

    private void readIdentity() throws Refused {
        ByteBuffer bytes = buffer("STORE");
        boolean found = false;
        for (int at : new int[] {0, 512}) {
            if (isFrame(bytes, at, "BLOBSTOR")
                    && version(bytes, at, "STORE") == 1
                    && (bytes.getInt(at + 12) & ~1) == 0
                    && isZero(bytes, at + 40, at + 60)) {
                if (!found) {
                    storeId = bytes.slice(at + 16, 16);
                    seed = bytes.getLong(at + 32);
                }
                found = true;
            } else {
                damage.add("STORE " + at);
            }
        }
        if (!found) {
            throw new Refused("STORE");
        }
    }

    private void readHeaders() throws Refused {
        for (String name : new TreeSet<>(files.keySet())) {
            Matcher matcher = ARENA.matcher(name);
            if (!matcher.matches()) {
                continue;
            }
            long id = Long.parseLong(matcher.group(1), 16);
            ByteBuffer bytes = buffer(name);
            if (!isFrame(bytes, 0, "BLOBAREN")
                    || version(bytes, 0, name) != 1
                    || (bytes.getInt(40) & ~1) != 0
                    || !isZero(bytes, 44, 60)) {
                headerDamaged.add(id);
            } else if (!bytes.slice(16, 16).equals(storeId) || Integer.toUnsignedLong(bytes.getInt(12)) != id) {
                throw new Refused(name);
            }
            arenas.put(id, SpecFile.of(id, bytes, seed));
        }
    }

    /** Magic, then the checksum. */
    private static boolean isFrame(ByteBuffer bytes, int at, String magic) {
        return bytes.limit() >= at + 64
                && bytes.getLong(at) == SpecFile.ascii(magic)
                && bytes.getInt(at + 60) == SpecFile.crc(bytes, at, at + 60);
    }

    private static int version(ByteBuffer bytes, int at, String name) throws Refused {
        int version = bytes.getInt(at + 8);
        if (Integer.compareUnsigned(version, 1) > 0 && !name.equals("STORE")) {
            throw new Refused(name);
        }
        return version;
    }

    private static boolean isZero(ByteBuffer bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void readMark() {
        ByteBuffer bytes = buffer("CLEAN");
        if (bytes.limit() < 160
                || bytes.getLong(0) != SpecFile.ascii("BLOBCLEA")
                || bytes.getInt(8) != 1
                || bytes.getInt(12) != SpecFile.crc(bytes, 16, bytes.limit())
                || !bytes.slice(16, 16).equals(storeId)
                || bytes.limit() != 160 + 88L * Integer.toUnsignedLong(bytes.getInt(44))) {
            return;
        }
        for (int at = 160; at < bytes.limit(); at += 88) {
            mark.put(Integer.toUnsignedLong(bytes.getInt(at)), new Mark(bytes.getInt(at + 4), bytes.getLong(at + 8)));
        }
        boolean knowsAll = arenas.values().stream().allMatch(file -> {
            Mark known = mark.get(file.id());
            return known != null && file.length() <= known.length;
        });
        if (!knowsAll) {
            mark.clear();
        }
    }

    // ---- records

    private void leaveOutReplaced(Map<Long, Rec> footers) {
        Set<Long> replaced = new HashSet<>();
        footers.forEach((id, footer) -> {
            SpecFile file = file(id);
            List<Long> ids = file.replaced(footer);
            if (ids == null) {
                damage.add(name(id) + " " + file.lineageOffset(footer));
            } else {
                replaced.addAll(ids);
            }
        });
        arenas.keySet().removeAll(replaced);
    }

    private void apply(Entry entry) {
        Entry present = newest.get(entry.hash());
        if (present == null
                || present.sequence() < entry.sequence()
                || (present.sequence() == entry.sequence() && isBehind(entry, present))) {
            newest.put(entry.hash(), entry);
        }
    }

    private static boolean isBehind(Entry entry, Entry other) {
        long id = entry.file().id();
        long otherId = other.file().id();
        return id == otherId ? entry.offset() > other.offset() : id > otherId;
    }

    private void scan(SpecFile file, boolean sealed) {
        Mark known = mark.get(file.id());
        long forced = sealed ? file.length() : known != null && known.status != 0 ? known.length : 0;
        List<Hole> holes = new ArrayList<>();
        List<Entry> bad = new ArrayList<>();
        List<Entry> inHoles = new ArrayList<>();
        long validEnd = 64;
        for (long at = 64; at < file.length(); ) {
            Rec found = file.record(at);
            if (found == null) {
                long next = at + 1;
                while (next < file.length() && file.record(next) == null) {
                    next++;
                }
                holes.add(new Hole(at, next));
                at = next;
                continue;
            }
            forced = Math.max(forced, found.forced());
            List<Entry> listed = file.isIndexBlock(found) ? file.indexBlock(found) : null;
            boolean right = file.isIndexBlock(found) ? listed != null : file.isRight(found);
            if (SpecFile.isOfKey(found)) {
                Entry entry = new Entry(
                        file,
                        SpecFile.hash(file.key(found), seed),
                        found.type(),
                        found.sequence(),
                        at,
                        found.end() - at);
                if (right) {
                    apply(entry);
                } else {
                    bad.add(entry);
                }
            } else if (!right) {
                holes.add(new Hole(at, found.end()));
            }
            if (listed != null) {
                listed.stream()
                        .filter(entry -> holes.stream()
                                .anyMatch(hole -> hole.start() <= entry.offset() && entry.offset() < hole.end()))
                        .forEach(inHoles::add);
            }
            validEnd = right ? found.end() : validEnd;
            at = found.end();
        }
        judge(file, new Scanned(forced, validEnd, holes, bad, inHoles));
    }

    private record Scanned(long forced, long validEnd, List<Hole> holes, List<Entry> bad, List<Entry> inHoles) {}

    private void judge(SpecFile file, Scanned scanned) {
        String name = name(file.id());
        long forced = scanned.forced;
        long judgedEnd = scanned.validEnd;
        List<Hole> places = new ArrayList<>(scanned.holes);
        scanned.bad.forEach(entry -> places.add(new Hole(entry.offset(), entry.offset() + entry.length())));
        for (Hole place : places) {
            if (place.start() < forced) {
                damage.add(name + " " + place.start());
                judgedEnd = Math.max(judgedEnd, place.end());
            } else if (place.start() < scanned.validEnd) {
                tornBytes += place.end() - place.start();
            }
        }
        tornBytes += Math.max(0, file.length() - judgedEnd);
        scanned.bad.stream().filter(entry -> entry.offset() < forced).forEach(this::apply);
        for (Entry entry : scanned.inHoles) {
            boolean below = scanned.holes.stream()
                    .anyMatch(hole ->
                            hole.start() <= entry.offset() && entry.offset() < hole.end() && hole.start() < forced);
            if (below || entry.type() == SpecFile.TOMBSTONE) {
                apply(entry);
            }
        }
        Mark known = mark.get(file.id());
        if (known != null && file.length() < known.length) {
            damage.add(name + " " + file.length());
        }
        if (headerDamaged.contains(file.id()) && forced >= 64) {
            damage.add(name + " 0");
        }
    }

    private SpecFile file(long id) {
        return java.util.Objects.requireNonNull(arenas.get(id));
    }

    private ByteBuffer buffer(String name) {
        return ByteBuffer.wrap(files.getOrDefault(name, new byte[0])).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String name(long id) {
        return String.format(java.util.Locale.ROOT, "%08x.arena", id);
    }
}
