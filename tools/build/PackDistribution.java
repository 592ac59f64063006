import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.X5455_ExtendedTimestamp;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Packs a directory as {@code .tar.gz} and {@code .zip} beside it. The same files make the same bytes: entries stand in the order
 * of their names, have one time and nobody's name, and files in {@code bin} can be executed.
 *
 * <p>Run by {@code tools/dist} as a single-file program with the libraries of the command line on its class path; the arguments
 * are the directory and the time.
 */
public final class PackDistribution {

    private static final int DIRECTORY = 0755;
    private static final int PROGRAM = 0755;
    private static final int FILE = 0644;
    private static final int REGULAR = 0100000;
    private static final int FOLDER = 0040000;

    private static final int CLASSES_MAY_MOVE = 19;

    private final Path root;
    private final Instant time;

    private PackDistribution(Path root, Instant time) {
        this.root = root;
        this.time = time;
    }

    public static void main(String[] args) throws IOException {
        PackDistribution packing = new PackDistribution(Path.of(args[0]).toAbsolutePath(), Instant.parse(args[1]));
        GzipParameters gzip = new GzipParameters();
        gzip.setCompressionLevel(9);
        gzip.setModificationInstant(packing.time);
        try (OutputStream file = packing.create(".tar.gz");
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new GzipCompressorOutputStream(file, gzip))) {
            packing.write(tar, packing::tarEntry);
        }
        try (OutputStream file = packing.create(".zip");
                ZipArchiveOutputStream zip = new ZipArchiveOutputStream(file)) {
            zip.setLevel(9);
            packing.write(zip, packing::zipEntry);
        }
    }

    private OutputStream create(String suffix) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(root.resolveSibling(root.getFileName() + suffix)));
    }

    private interface Entries<E> {
        E of(String name, Path file, int mode) throws IOException;
    }

    private <E extends ArchiveEntry> void write(ArchiveOutputStream<E> archive, Entries<E> entries) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(file -> !isBoundToPlace(file)).sorted().toList();
        }
        for (Path file : files) {
            boolean directory = Files.isDirectory(file);
            String name = root.getParent().relativize(file).toString().replace('\\', '/') + (directory ? "/" : "");
            boolean program = file.getParent().equals(root.resolve("bin"));
            archive.putArchiveEntry(entries.of(name, file, directory ? DIRECTORY : program ? PROGRAM : FILE));
            if (!directory) {
                Files.copy(file, archive);
            }
            archive.closeArchiveEntry();
        }
    }

    /** An archive of classes that this JVM, and so the one that made it, uses only where its jars stood. */
    private static boolean isBoundToPlace(Path file) {
        return file.toString().endsWith(".jsa") && Runtime.version().feature() < CLASSES_MAY_MOVE;
    }

    private TarArchiveEntry tarEntry(String name, Path file, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setModTime(FileTime.from(time));
        if (!entry.isDirectory()) {
            entry.setSize(Files.size(file));
        }
        return entry;
    }

    /** Of its two times the local one is that of this JVM's zone; readers take the other. */
    private ZipArchiveEntry zipEntry(String name, Path file, int mode) {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setUnixMode((entry.isDirectory() ? FOLDER : REGULAR) | mode);
        X5455_ExtendedTimestamp universal = new X5455_ExtendedTimestamp();
        universal.setModifyFileTime(FileTime.from(time));
        universal.setFlags(X5455_ExtendedTimestamp.MODIFY_TIME_BIT);
        entry.addExtraField(universal);
        return entry;
    }
}
