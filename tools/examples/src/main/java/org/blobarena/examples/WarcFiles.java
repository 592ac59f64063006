package org.blobarena.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResponse;

/** Files of the Web ARChive format, ISO 28500, in which crawlers keep what servers answered. */
record WarcFiles(List<Path> files) implements Web {

    private static final int STATUS_OK = 200;
    private static final long BYTES_MAX = 200_000_000;

    /** Longer ones are passed over: this program has each in memory. */
    private static final int CONTENT_BYTES_MAX = 64 << 20;

    /** Those among what the user named, directories included. */
    static WarcFiles among(List<Path> sources) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path source : sources) {
            if (Files.isDirectory(source)) {
                files.addAll(RealFiles.below(source, Integer.MAX_VALUE, (file, bytes) -> isWarc(file)));
            } else if (isWarc(source)) {
                files.add(source);
            }
        }
        return new WarcFiles(files);
    }

    private static boolean isWarc(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".warc") || name.endsWith(".warc.gz");
    }

    @Override
    public void crawl(Crawl crawl) throws IOException {
        forEach((address, content) -> {
            if (!crawl.unseen(List.of(address)).isEmpty()) {
                crawl.store(address, content);
            }
        });
    }

    /** The first content of each address: that is what was stored. */
    @Override
    public void fetchAgain(Visitor visitor) throws IOException {
        Set<String> visited = new HashSet<>();
        forEach((address, content) -> {
            if (visited.add(address)) {
                visitor.visit(address, content);
            }
        });
    }

    /** Visits what servers sent, in its order, until that is enough. */
    private void forEach(Visitor visitor) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            try (WarcReader records = new WarcReader(file)) {
                for (WarcRecord record : records) {
                    if (bytes < BYTES_MAX && record instanceof WarcResponse response && isContent(response)) {
                        byte[] content = response.http().body().stream().readAllBytes();
                        bytes += content.length;
                        visitor.visit(response.target(), content);
                    }
                }
            }
        }
    }

    private static boolean isContent(WarcResponse response) throws IOException {
        return response.http().status() == STATUS_OK && response.body().size() <= CONTENT_BYTES_MAX;
    }

    @Override
    public String toString() {
        return files.stream().map(Path::toString).collect(Collectors.joining(", "));
    }
}
