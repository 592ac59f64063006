package org.blobarena.store.crash;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.blobarena.store.BlobOutputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.StoreClosedException;

/**
 * Follows a {@link KillScript} until it is killed. It prints {@code opening} and {@code open}, then for each few
 * steps, once they are done, its thread and how many steps that thread has done, and {@code closing}. A line is one
 * write to the pipe, so it comes whole or not at all.
 */
final class KilledProgram {

    private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private KilledProgram() {}

    /**
     * Arguments: the store's directory, the seed, the round, and after how many steps of its first thread the
     * program closes the store; 0 for never.
     */
    public static void main(String[] args) throws Exception {
        KillScript script = new KillScript(Long.parseLong(args[1]), Integer.parseInt(args[2]));
        int closeAfter = Integer.parseInt(args[3]);
        print("opening");
        BlobStore<String> store = script.options().open(Path.of(args[0]));
        print("open");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < KillScript.THREADS; i++) {
            int thread = i;
            threads.add(new Thread(() -> work(store, script, thread, thread == 0 ? closeAfter : 0)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        print("closed");
    }

    private static void work(BlobStore<String> store, KillScript script, int thread, int closeAfter) {
        try {
            for (int number = 0; closeAfter == 0 || number < closeAfter; number++) {
                take(store, script, thread, number);
                int done = number + 1;
                if (done % (1 + (done >> 4) % KillScript.UNREPORTED_MAX) == 0
                        || done % KillScript.UNREPORTED_MAX == 0) {
                    print(thread + " " + done);
                }
            }
            print("closing");
            store.close();
        } catch (StoreClosedException e) {
            // Another thread has closed it, as the script wants.
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
        }
    }

    private static void take(BlobStore<String> store, KillScript script, int thread, int number) throws IOException {
        KillScript.Step step = script.step(thread, number);
        switch (step.kind()) {
            case PUT -> put(store.withExpiry(step.expiry()), step, script.blob(thread, number));
            case REMOVE -> store.withDurability(step.durability()).remove(step.key());
            case FORCE -> store.force();
        }
    }

    private static void put(BlobStore<String> store, KillScript.Step step, byte[] blob) throws IOException {
        switch (step.way()) {
            case ARRAY -> store.withDurability(step.durability()).put(step.key(), blob);
            case STREAM -> stream(store, step, blob);
            case BATCH -> store.withDurability(step.durability()).putAll(Map.of(step.key(), blob));
            case COMPRESSED ->
                store.withCompression(Compression.ZSTD)
                        .withDurability(step.durability())
                        .put(step.key(), blob);
            case COMPRESSED_STREAM -> stream(store.withCompression(Compression.ZSTD), step, blob);
        }
    }

    /** Beside a stream of the same key that nobody ends. */
    private static void stream(BlobStore<String> store, KillScript.Step step, byte[] blob) throws IOException {
        BlobOutputStream given = store.withDurability(step.durability()).newOutputStream(step.key());
        given.write(blob);
        try (BlobOutputStream out = store.withDurability(step.durability()).newOutputStream(step.key())) {
            out.write(blob, 0, blob.length / 2);
            out.write(blob, blob.length / 2, blob.length - blob.length / 2);
            out.commit();
        }
        if (blob[blob.length - 1] != 0) { // Else it is left to the kill.
            given.close();
        }
    }

    private static void print(String line) throws IOException {
        OUT.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
