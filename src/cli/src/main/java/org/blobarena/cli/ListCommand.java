package org.blobarena.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.KeyOption;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.cli.transfer.Skipped;
import org.blobarena.cli.transfer.SortedKeys;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.TypeConversionException;

/** Lists keys. */
@Command(
        name = "ls",
        description = {
            "Lists the keys, a line each, in no particular order unless --sort says one.",
            "Into a file or a pipe their bytes are written as they are. On a terminal a byte that is not UTF-8 and what "
                    + "does something to it stands as \\xNN, and a backslash as two: a shell reads it as $'...'."
        })
final class ListCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Mixin
    private KeyOption keys;

    @Parameters(
            paramLabel = "PREFIX",
            arity = "0..1",
            defaultValue = "",
            description = "Only keys that begin with this.")
    private Key prefix;

    @Option(names = "--long", description = "Before each key its blob's size in bytes, and a tab.")
    private boolean sizes;

    @Option(
            names = "--json",
            description =
                    "Print a JSON object on each line: {\"key\":KEY,\"size\":BYTES}. A key that is not UTF-8 has its bytes in "
                            + "hexadecimal digits, in \"keyHex\" in place of \"key\".")
    private boolean json;

    @Option(
            names = "--sort",
            paramLabel = "ORDER",
            converter = Order.Converter.class,
            description =
                    "In the order of the bytes of the keys, for key, or of the sizes of the blobs and then of the keys, for "
                            + "size. What does not fit in memory is sorted in the temporary directory.")
    private @Nullable Order order;

    @Option(
            names = {"-0", "--null"},
            description = "End each key with a zero byte and not with a line end.")
    private boolean zero;

    /** What comes first. */
    private enum Order {
        KEY,
        SIZE;

        static final class Converter implements ITypeConverter<Order> {

            @Override
            public Order convert(String value) {
                for (Order order : values()) {
                    if (order.name().equalsIgnoreCase(value)) {
                        return order;
                    }
                }
                throw new TypeConversionException("'" + value + "' is no order: key or size");
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        Key beginning = keys.prefix(prefix);
        Skipped skipped = new Skipped(main::complain, false);
        try (ReadableBlobs blobs = main.store().openToRead(main.console())) {
            if (order == null) {
                list(blobs, beginning, skipped);
            } else {
                listSorted(blobs, beginning, order, skipped);
            }
        }
        return skipped.status();
    }

    private void list(ReadableBlobs blobs, Key beginning, Skipped skipped) throws IOException {
        try (Stream<Key> all = blobs.keys()) {
            Iterator<Key> iterator = all.iterator();
            while (!main.console().isReaderGone() && iterator.hasNext()) {
                Key key = iterator.next();
                if (key.startsWith(beginning)) {
                    print(key, sizes || json ? blobs.sizeOf(key).orElse(-1) : 0, skipped);
                }
            }
        }
    }

    private void listSorted(ReadableBlobs blobs, Key beginning, Order by, Skipped skipped) throws IOException {
        try (SortedKeys sorted = new SortedKeys(SortedKeys.USUAL_BYTES);
                Stream<Key> all = blobs.keys()) {
            Iterator<Key> iterator = all.iterator();
            while (iterator.hasNext()) {
                Key key = iterator.next();
                if (key.startsWith(beginning)) {
                    long size = sizes || json || by == Order.SIZE
                            ? blobs.sizeOf(key).orElse(-1)
                            : 0;
                    if (size >= 0) { // Else it was removed meanwhile.
                        sorted.add(by == Order.SIZE ? withSize(key, size) : key);
                    }
                }
            }
            sorted.forEach(key -> {
                if (main.console().isReaderGone()) {
                    return;
                }
                if (by == Order.SIZE) {
                    print(
                            new Key(Arrays.copyOfRange(key.bytes(), Long.BYTES, key.bytes().length)),
                            ByteBuffer.wrap(key.bytes()).getLong(),
                            skipped);
                } else {
                    print(key, sizes || json ? blobs.sizeOf(key).orElse(-1) : 0, skipped);
                }
            });
        }
    }

    /** In the order of the sizes. */
    private static Key withSize(Key key, long size) {
        return new Key(ByteBuffer.allocate(Long.BYTES + key.bytes().length)
                .putLong(size)
                .put(key.bytes())
                .array());
    }

    /** @param size negative when the key was removed meanwhile */
    private void print(Key key, long size, Skipped skipped) throws IOException {
        Console console = main.console();
        char end = zero ? '\0' : '\n';
        Key text = keys.text(key);
        if (size < 0) {
            return;
        }
        if (text == null) {
            skipped.report("key \"" + Shown.shortly(key) + "\" is not listed: it is none of the type " + keys);
        } else if (json) {
            console.text(json(text, size) + end);
        } else {
            console.key(sizes ? size + "\t" : "", text, end);
        }
    }

    private static String json(Key key, long size) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (key.isText()) {
            json.put("key", key.text());
        } else {
            json.put("keyHex", key.hex());
        }
        json.put("size", size);
        return Json.of(json);
    }
}
