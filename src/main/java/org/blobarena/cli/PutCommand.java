package org.blobarena.cli;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.blobarena.store.BlobStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Puts one blob. */
@Command(
        name = "put",
        description = "Puts a blob, in place of one that the key may have. Makes the store if there is none.")
final class PutCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
    private String key;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The file that has the blob; standard input when not given.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        try (BlobBuffer buffer = new BlobBuffer();
                ReadableByteChannel source = source()) {
            String name = file == null ? "standard input" : file.toString();
            // Before the store is opened: a slow source need not hold its lock, nor a bad one make it.
            var content = buffer.read(source, name);
            try (BlobStore<String> store = main.store().openOrCreate(main.console(), content.remaining())) {
                store.put(key, content);
            }
        }
        return ExitStatus.DONE;
    }

    private ReadableByteChannel source() throws IOException {
        if (file == null) {
            return Channels.newChannel(main.console().in());
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        FileChannel channel = FileChannel.open(file);
        try {
            BlobBuffer.requireFits(file.toString(), channel.size());
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
