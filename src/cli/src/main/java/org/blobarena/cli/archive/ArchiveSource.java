package org.blobarena.cli.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.commons.io.input.ProxyInputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.BlobSource;
import org.blobarena.cli.transfer.Names;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.SourceStream;
import org.jspecify.annotations.Nullable;

/**
 * The members of an archive, each a blob. Of several of one name all are visited, so that the last one stays. What stands
 * before the place where an archive is cut off or damaged is visited; then comes an exception.
 */
public final class ArchiveSource implements BlobSource {

    private final String shown;
    private final ArchiveReader reader;
    private final Names names;
    private final Counted counted;
    private final long bytes;
    private @Nullable Sidecar sidecar;

    /**
     * Begins to read an archive.
     *
     * @param shown its name as people see it
     * @param in from its beginning, closed with this
     * @param bytes how many it has, or 0 when that is not known
     */
    public ArchiveSource(String shown, InputStream in, long bytes, Format format, Names names) throws IOException {
        this.shown = shown;
        this.names = names;
        this.bytes = bytes;
        this.counted = new Counted(in);
        try {
            this.reader = format.reader(counted);
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    /** The key of the member that follows. */
    private record Sidecar(String name, Key key) {}

    /** That there is no reading on. */
    private static final class DamageException extends IOException {

        private static final long serialVersionUID = 1L;

        DamageException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private DamageException damaged(Exception reason) {
        return reason instanceof DamageException same
                ? same
                : new DamageException(shown + ": is cut off, damaged or of another kind: " + reason(reason), reason);
    }

    /** Libraries say little of what ends too early. */
    private static String reason(Exception failure) {
        if (failure instanceof EOFException && failure.getMessage() == null) {
            return "it ends too early";
        }
        return Objects.requireNonNullElse(failure.getMessage(), "it cannot be read");
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long done() {
        return counted.count;
    }

    @Override
    public long blobBytesMax() {
        return SourceStream.BLOB_BYTES_MAX;
    }

    @Override
    public void forEach(Visitor visitor) throws IOException {
        for (ArchiveReader.Member member = next(); member != null; member = next()) {
            String name = shown + ": " + Shown.shortly(Key.of(member.name()));
            try {
                visit(member, name, visitor);
            } catch (NameException e) {
                visitor.problem(name, e);
            }
        }
    }

    private void visit(ArchiveReader.Member member, String name, Visitor visitor) throws IOException {
        if (member.problem() != null) {
            visitor.problem(name, new IOException(member.problem()));
            return;
        }
        Key key = reader.key(member.name(), names, this::sidecar);
        if (key != null) {
            String link = member.link();
            Key linked = link == null ? null : reader.key(link, names, this::sidecar);
            visitor.blob(new MemberItem(key, name, member, linked));
        } else if (names.isEscaped()) {
            sidecar = new Sidecar(
                    member.name().substring(member.name().lastIndexOf('/') + 1),
                    new Key(stream(member).readNBytes(Names.SIDECAR_BYTES_MAX)));
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private ArchiveReader.@Nullable Member next() throws IOException {
        try {
            return reader.next();
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private Key sidecar(String name) throws IOException {
        if (sidecar == null || !sidecar.name.equals(name)) {
            throw new NameException("its key, in " + name + ", does not stand before it");
        }
        return sidecar.key;
    }

    private SourceStream stream(ArchiveReader.Member member) {
        return new SourceStream(new Checked(member.content()), this::damaged);
    }

    private final class MemberItem implements Item {

        private final Key key;
        private final String name;
        private final ArchiveReader.Member member;
        private final @Nullable Key linked;

        MemberItem(Key key, String name, ArchiveReader.Member member, @Nullable Key linked) {
            this.key = key;
            this.name = name;
            this.member = member;
            this.linked = linked;
        }

        @Override
        public Key key() {
            return key;
        }

        @Override
        public String shown() {
            return name;
        }

        @Override
        public SourceStream open(ReadableBlobs imported) throws IOException {
            if (linked != null) {
                InputStream other = imported.openStream(linked);
                if (other == null) {
                    throw new SourceStream.Failure(new IOException(
                            "is a link to " + Shown.shortly(linked) + ", which is not there before it"));
                }
                return new SourceStream(other);
            }
            try {
                SourceStream.requireFits(name, member.bytes());
            } catch (IOException e) {
                throw new SourceStream.Failure(e);
            }
            return stream(member);
        }
    }

    /** What a library throws at bytes that it does not expect, whatever that is, is a failure to read. */
    private static final class Checked extends ProxyInputStream {

        Checked(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            try {
                return super.read(target, from, length);
            } catch (RuntimeException e) {
                throw new IOException(reason(e), e);
            }
        }

        @Override
        public int read(byte[] target) throws IOException {
            return read(target, 0, target.length);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        /** The member ends, and the archive goes on. */
        @Override
        public void close() {
            // Closed with the reader.
        }
    }

    private static final class Counted extends ProxyInputStream {

        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        protected void afterRead(int read) {
            count += Math.max(0, read);
        }
    }
}
