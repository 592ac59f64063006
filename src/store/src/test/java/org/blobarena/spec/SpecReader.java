package org.blobarena.spec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
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
    private final Map<Integer, byte[]> keys;
    private boolean encrypted;

    /** The secret of an encrypted store. */
    private byte[] secret = new byte[0];

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
        this(files, nowMillis, Map.of());
    }

    /**
     * Reads a store that may be encrypted.
     *
     * @param files the content of every regular file of its directory
     * @param nowMillis the moment, since the epoch
     * @param keys by their ids
     */
    public SpecReader(Map<String, byte[]> files, long nowMillis, Map<Integer, byte[]> keys) throws Refused {
        this.files = files;
        this.nowMillis = nowMillis;
        this.keys = keys;
        readIdentity();
        if (encrypted) {
            readKeys();
        }
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
        Hash hash = hash(key);
        Entry entry = newest.get(hash);
        if (entry == null || entry.type() == SpecFile.TOMBSTONE) {
            return new Absent();
        }
        Rec found = entry.file().record(entry.offset());
        if (found == null
                || found.type() != SpecFile.VALUE
                || found.end() - found.offset() != entry.length()
                || !hash(entry.file().key(found)).equals(hash)) {
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
                    && (version(bytes, at, "STORE") == 1 || version(bytes, at, "STORE") == 2)
                    && (bytes.getInt(at + 12) & ~1) == 0
                    && isZero(bytes, at + 40, at + 60)) {
                if (!found) {
                    storeId = bytes.slice(at + 16, 16);
                    seed = bytes.getLong(at + 32);
                    encrypted = version(bytes, at, "STORE") == 2;
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
            SpecCipher cipher = encrypted ? new SpecCipher(null) : null;
            if (!isFrame(bytes, 0, "BLOBAREN")
                    || version(bytes, 0, name) == 0
                    || (bytes.getInt(40) & ~1) != 0
                    || (version(bytes, 0, name) == 1 && !isZero(bytes, 44, 60))) {
                headerDamaged.add(id);
            } else if ((version(bytes, 0, name) == 2 && bytes.getInt(44) < 1)
                    || !bytes.slice(16, 16).equals(storeId)
                    || Integer.toUnsignedLong(bytes.getInt(12)) != id
                    || (version(bytes, 0, name) == 2) != encrypted) {
                throw new Refused(name);
            } else if (encrypted) {
                byte[] header = new byte[64];
                bytes.get(0, header);
                cipher = SpecCipher.ofFile(key(bytes.getInt(44)), header);
            }
            arenas.put(id, SpecFile.of(id, bytes, seed, cipher));
        }
    }

    /** The first half of it that is right. */
    private void readKeys() throws Refused {
        ByteBuffer bytes = buffer("KEYS");
        boolean found = false;
        for (int at : new int[] {0, bytes.limit() / 2}) {
            ByteBuffer half = bytes.slice(at, bytes.limit() / 2).order(ByteOrder.LITTLE_ENDIAN);
            if (isTable(half)) {
                if (!half.slice(16, 16).equals(storeId)) {
                    throw new Refused("KEYS");
                }
                if (!found) {
                    secret = secret(half);
                }
                found = true;
            } else {
                damage.add("KEYS " + at);
            }
        }
        if (!found) {
            throw new Refused("KEYS");
        }
    }

    private static boolean isTable(ByteBuffer half) {
        if (half.limit() < 512
                || half.getLong(0) != SpecFile.ascii("BLOBKEYS")
                || half.getInt(8) != 2
                || half.getInt(12) != SpecFile.crc(half, 16, half.limit())) {
            return false;
        }
        int end = 100 + 20 * half.getInt(36);
        return (end + 511) / 512 * 512 == half.limit() && isZero(half, end, half.limit());
    }

    private byte[] secret(ByteBuffer half) throws Refused {
        byte[] wrapped = new byte[60];
        half.get(40, wrapped);
        byte[] key = key(half.getInt(32));
        byte[] wrapping = SpecCipher.hkdf(key, new byte[0], aboutStore("blobarena wrap"), 32);
        byte[] opened = new SpecCipher(wrapping).open(wrapped, aboutStore(""));
        for (int row = 100; row < 100 + 20 * half.getInt(36); row += 20) {
            byte[] check = new byte[16];
            half.get(row + 4, check);
            byte[] known = keys.get(half.getInt(row));
            if (known != null
                    && !Arrays.equals(check, SpecCipher.hkdf(known, new byte[0], aboutStore("blobarena check"), 16))) {
                throw new Refused("KEYS");
            }
        }
        if (opened == null) {
            throw new Refused("KEYS");
        }
        return opened;
    }

    private byte[] aboutStore(String what) {
        byte[] id = new byte[16];
        storeId.get(0, id);
        return SpecCipher.join(what.getBytes(java.nio.charset.StandardCharsets.US_ASCII), id);
    }

    private byte[] key(int id) throws Refused {
        byte[] key = keys.get(id);
        if (key == null) {
            throw new Refused("KEYS");
        }
        return key;
    }

    private Hash hash(byte[] key) {
        if (!encrypted) {
            return SpecFile.hash(key, seed);
        }
        ByteBuffer halves = ByteBuffer.wrap(SpecCipher.hmac(secret, key)).order(ByteOrder.LITTLE_ENDIAN);
        return new Hash(halves.getLong(0), halves.getLong(8));
    }

    /**
     * What encryption has made.
     *
     * @param nonce header of the file and nonce, in hexadecimal digits: with one of these nothing else may be encrypted
     * @param result what is encrypted, and the tag
     */
    public record Sealed(String nonce, String result) {}

    /** All that is encrypted in valid records whose payload is right, in the order of the files. */
    public List<Sealed> sealed() {
        List<Sealed> all = new ArrayList<>();
        HexFormat hex = HexFormat.of();
        for (SpecFile file : arenas.values()) {
            if (file.length() < 64) {
                continue;
            }
            byte[] header = new byte[64];
            file.bytes().get(0, header);
            for (long at = 64; at < file.length(); ) {
                Rec found = file.record(at);
                if (found != null && !file.isVoid(found) && file.isRight(found)) {
                    for (byte[] part : file.sealed(found)) {
                        all.add(new Sealed(
                                hex.formatHex(header) + hex.formatHex(part, 0, 12),
                                hex.formatHex(part, 12, part.length)));
                    }
                }
                at = found == null ? at + 1 : found.end();
            }
        }
        return all;
    }

    /** Magic, then the checksum. */
    private static boolean isFrame(ByteBuffer bytes, int at, String magic) {
        return bytes.limit() >= at + 64
                && bytes.getLong(at) == SpecFile.ascii(magic)
                && bytes.getInt(at + 60) == SpecFile.crc(bytes, at, at + 60);
    }

    private static int version(ByteBuffer bytes, int at, String name) throws Refused {
        int version = bytes.getInt(at + 8);
        if (Integer.compareUnsigned(version, 2) > 0 && !name.equals("STORE")) {
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
                Entry entry =
                        new Entry(file, hash(file.key(found)), found.type(), found.sequence(), at, found.end() - at);
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
