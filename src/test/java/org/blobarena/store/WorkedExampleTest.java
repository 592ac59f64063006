package org.blobarena.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.blobarena.format.StoreIdentity;
import org.blobarena.index.HeapLocationIndexFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example at the end of store-format.md is what the library writes. */
class WorkedExampleTest {

    private static final Pattern HEX_LINE = Pattern.compile("(?m)^([0-9a-f]{4}) {2}((?:[0-9a-f]{2} )+)");

    @Test
    void exampleInTheSpecificationIsWhatIsWritten(@TempDir Path directory) throws Exception {
        StoreIdentity identity = new StoreIdentity(new UUID(0x0011223344556677L, 0x8899aabbccddeeffL), 42);
        Files.write(directory.resolve("STORE"), identity.encodeFile().array());
        StoreOpener.Seams seams =
                new StoreOpener.Seams(StoreOpener::openDirectory, HeapLocationIndexFactory.forgetting());
        try (BlobStore<String> store =
                BlobStore.builder(KeyCodec.utf8()).seams(seams).open(directory)) {
            store.put("key", "blob".getBytes(StandardCharsets.US_ASCII));
            store.remove("key");
        }

        byte[] written = Files.readAllBytes(directory.resolve("00000001.arena"));

        assertThat(HexFormat.of().formatHex(written)).isEqualTo(example(Files.readString(Path.of("store-format.md"))));
    }

    private static String example(String specification) {
        StringBuilder hex = new StringBuilder();
        Matcher line = HEX_LINE.matcher(specification);
        while (line.find()) {
            assertThat(Integer.parseInt(line.group(1), 16)).isEqualTo(hex.length() / 2);
            hex.append(line.group(2).replace(" ", ""));
        }
        return hex.toString();
    }
}
