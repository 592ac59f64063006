package org.blobarena.cli.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.text.Shown;

/** The files of a tree, each a blob. */
public final class TreeSource implements BlobSource {

    private final FileTree tree;
    private final Names names;
    private final FileTree.Totals totals;
    private long done;

    public TreeSource(FileTree tree, Names names) throws IOException {
        this.tree = tree;
        this.names = names;
        this.totals = tree.totals();
    }

    @Override
    public long bytes() {
        return totals.bytes();
    }

    @Override
    public long done() {
        return done;
    }

    @Override
    public long blobBytesMax() {
        return totals.largest();
    }

    @Override
    public void forEach(Visitor visitor) throws IOException {
        tree.forEach(
                (path, file, bytes) -> {
                    done += bytes;
                    try {
                        Key key = names.key(path, name -> sidecar(file, name));
                        if (key != null) {
                            visitor.blob(new FileItem(key, file, bytes));
                        }
                    } catch (NameException e) {
                        visitor.problem(Shown.of(file), e);
                    } catch (SourceStream.Failure e) {
                        visitor.problem(Shown.of(file), e.reason());
                    }
                },
                (file, problem) -> visitor.problem(Shown.of(file), problem));
    }

    @Override
    public void close() {
        // Nothing is open between two files.
    }

    /** The file that holds the key of another. */
    private static Key sidecar(Path file, String name) throws IOException {
        try (InputStream in = Files.newInputStream(file.resolveSibling(name), LinkOption.NOFOLLOW_LINKS)) {
            return new Key(in.readNBytes(Names.SIDECAR_BYTES_MAX));
        } catch (IOException e) {
            throw new SourceStream.Failure(e);
        }
    }

    private record FileItem(Key key, Path file, long bytes) implements Item {

        @Override
        public String shown() {
            return Shown.of(file);
        }

        @Override
        public SourceStream open(ReadableBlobs imported) throws IOException {
            try {
                SourceStream.requireFits(file.toString(), bytes);
                // A link that has taken the place of the file meanwhile is not followed either.
                return new SourceStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS));
            } catch (IOException e) {
                throw new SourceStream.Failure(e);
            }
        }
    }
}
