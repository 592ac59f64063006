package org.blobarena.content;

import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.blobarena.store.testing.TestStores;

/** Binds names to new content, and collects what loses its name, until it is killed. Prints each step that is done. */
final class KilledContentProgram {

    static final int THREADS = 2;

    private static final int SLOTS = 15;
    private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private KilledContentProgram() {}

    /** Arguments: the store's directory, and the round. */
    public static void main(String[] args) throws Exception {
        int round = Integer.parseInt(args[1]);
        ContentStore store = ContentStore.open(Path.of(args[0]));
        print("open");
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            new Thread(() -> work(store, round, thread)).start();
        }
        while (true) {
            store.collect();
        }
    }

    private static void work(ContentStore store, int round, int thread) {
        try {
            for (int step = 0; ; step++) {
                byte[] content = content(round, thread, step);
                String name = name(round, thread, step);
                switch (step % 3) {
                    case 0 -> store.put(name, content);
                    case 1 -> store.put(name, new ByteArrayInputStream(content));
                    default -> store.bind(name, pinned(store, content));
                }
                print(thread + " " + step);
            }
        } catch (IOException | RuntimeException | Error e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3);
        }
    }

    /** Puts content under another name first, so that no collection comes between the put and the bind. */
    private static Digest pinned(ContentStore store, byte[] content) throws IOException {
        return store.put("pin " + Digest.of(content), content);
    }

    static String name(int round, int thread, int step) {
        return round + " " + thread + " " + step % SLOTS;
    }

    static byte[] content(int round, int thread, int step) {
        int length = step % 50 == 49 ? (1 << 20) + step : 100 + step % 500;
        return TestStores.blob(length, (round * 10L + thread) * 1_000_000 + step);
    }

    private static void print(String line) throws IOException {
        OUT.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
