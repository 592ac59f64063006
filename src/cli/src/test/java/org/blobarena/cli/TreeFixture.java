package org.blobarena.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.cli.transfer.SourceStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An empty tree of files, a store and a directory for exports, neither of which exists yet. */
abstract class TreeFixture {

    @TempDir
    Path temp;

    Path tree;
    Path store;
    Path out;

    @BeforeEach
    void makePaths() throws IOException {
        tree = Files.createDirectory(temp.resolve("tree"));
        store = temp.resolve("store");
        out = temp.resolve("out");
    }

    /** Imports the tree into the store. */
    Cli.Result importTree(String... options) {
        return transfer("import", tree, options);
    }

    /** Exports the store into the directory. */
    Cli.Result export(String... options) {
        return transfer("export", out, options);
    }

    private Cli.Result transfer(String command, Path directory, String... options) {
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(List.of(options));
        args.add(directory.toString());
        return Cli.on(store, args.toArray(String[]::new));
    }

    /** Returns the keys of the store. */
    List<String> keys() {
        return Cli.on(store, "ls").lines();
    }

    /** Makes a file in the tree that is one byte longer than a blob can be, and takes no space. */
    void makeTooLargeFile(String name) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(tree.resolve(name).toFile(), "rw")) {
            sparse.setLength(SourceStream.BLOB_BYTES_MAX + 1);
        }
    }

    /** Makes a file in the tree whose name has bytes that are written as in a URI. */
    void makeFileWithBytes(String name) throws IOException {
        Files.createFile(Path.of(URI.create(tree.toUri() + name)));
    }
}
