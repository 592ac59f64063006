package org.blobarena.walk;

import java.io.IOException;
import java.nio.file.Path;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/** The program whose calls are walked, each between a call of {@link #begin} and one of {@link #end}. */
final class WalkedCalls {

    private static final int BLOB_BYTES = 100;
    private static final int WARM_UP_CALLS = 100;

    private WalkedCalls() {}

    public static void main(String[] arguments) throws IOException {
        try (BlobStore<String> store = BlobStore.open(Path.of(arguments[0]), KeyCodec.utf8())) {
            byte[] blob = new byte[BLOB_BYTES];
            for (int i = 0; i < WARM_UP_CALLS; i++) { // So that no walk meets what is made once.
                store.put("key", blob);
                blob = store.get("key");
            }
            begin();
            blob = store.get("key");
            end();
            begin();
            store.put("key", blob);
            end();
        }
    }

    static void begin() {
        // The debugger stops here.
    }

    static void end() {
        // And here.
    }
}
