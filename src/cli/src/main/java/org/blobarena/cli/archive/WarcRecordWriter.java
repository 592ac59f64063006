package org.blobarena.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.transfer.Names;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.MessageVersion;
import org.netpreserve.jwarc.WarcCompression;
import org.netpreserve.jwarc.WarcDigest;
import org.netpreserve.jwarc.WarcResource;
import org.netpreserve.jwarc.WarcWriter;
import org.netpreserve.jwarc.Warcinfo;

/** Writes WARC 1.1: a record of what wrote it, then each blob as a resource, compressed one by one or not at all. */
final class WarcRecordWriter implements ArchiveWriter {

    private static final String ALGORITHM = "sha-256";

    private final WarcWriter warc;
    private MessageDigest digest = newDigest();

    WarcRecordWriter(OutputStream out, boolean compressed) throws IOException {
        warc = new WarcWriter(Channels.newChannel(out), compressed ? WarcCompression.GZIP : WarcCompression.NONE);
        warc.write(new Warcinfo.Builder()
                .version(MessageVersion.WARC_1_1)
                .fields(Map.of("software", List.of("blobarena"), "format", List.of("WARC File Format 1.1")))
                .build());
    }

    @Override
    public boolean hasPaths() {
        return false;
    }

    @Override
    public Names.Name name(Key key, Names names) throws NameException {
        return new Names.Name(WarcUris.uri(key, names.isEscaped()), null);
    }

    @Override
    public OutputStream preview() {
        digest = newDigest();
        return new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    }

    @Override
    public void add(String name, long bytes, InputStream content) throws IOException {
        warc.write(new WarcResource.Builder()
                .version(MessageVersion.WARC_1_1)
                .setHeader("WARC-Target-URI", name)
                .blockDigest(new WarcDigest(digest))
                .body(MediaType.OCTET_STREAM, Channels.newChannel(content), bytes)
                .build());
    }

    @Override
    public void finish() {
        // Every record is whole, and nothing follows the last.
    }

    @Override
    public void close() {
        // It has nothing but memory.
    }

    private static MessageDigest newDigest() {
        try {
            return WarcDigest.getDigester(ALGORITHM);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
