package org.blobarena.cli.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.io.input.ProxyInputStream;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.NameException;
import org.blobarena.cli.transfer.Names;
import org.jspecify.annotations.Nullable;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.MessageBody;
import org.netpreserve.jwarc.ParsingException;
import org.netpreserve.jwarc.WarcDigest;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResource;
import org.netpreserve.jwarc.WarcResponse;
import org.netpreserve.jwarc.WarcTargetRecord;

/**
 * Reads the responses and resources of a WARC, compressed or not. Of a response over HTTP the body is read, without
 * headers and as it was before it was cut into chunks.
 */
final class WarcRecordReader implements ArchiveReader {

    private final WarcReader warc;
    private boolean any;

    WarcRecordReader(InputStream in) throws IOException {
        warc = new WarcReader(in);
        warc.calculateBlockDigest();
    }

    @Override
    public @Nullable Member next() throws IOException {
        while (true) {
            Optional<WarcRecord> next = warc.next();
            if (next.isEmpty()) {
                if (!any) {
                    throw new EOFException("it is empty");
                }
                return null;
            }
            any = true;
            WarcRecord record = next.get();
            if (record instanceof WarcResponse || record instanceof WarcResource) {
                return member((WarcTargetRecord) record);
            }
        }
    }

    @Override
    public Key key(String name, Names names, Names.Sidecars sidecars) throws NameException {
        return WarcUris.key(name, names.isEscaped());
    }

    @Override
    public void close() throws IOException {
        warc.close();
    }

    private static Member member(WarcTargetRecord record) throws IOException {
        String name = record.target();
        if (name == null) {
            return new Member("a record", -1, InputStream.nullInputStream(), null, "has no URI");
        }
        MessageBody body = record.body();
        try {
            if (record instanceof WarcResponse response && isHttp(response.contentType())) {
                body = response.http().body();
            }
        } catch (ParsingException e) {
            return new Member(name, -1, InputStream.nullInputStream(), null, "is no response over HTTP");
        }
        return new Member(name, body.size(), new Content(record, body.stream()), null, null);
    }

    private static boolean isHttp(MediaType type) {
        return type.base().equals(MediaType.HTTP);
    }

    /** Ends well only if the record has the digest that it says. */
    private static final class Content extends ProxyInputStream {

        private final WarcRecord record;
        private boolean checked;

        Content(WarcRecord record, InputStream in) {
            super(in);
            this.record = record;
        }

        @Override
        protected void afterRead(int read) throws IOException {
            if (read < 0 && !checked) {
                checked = true;
                Optional<WarcDigest> expected = record.blockDigest();
                Optional<WarcDigest> found = record.calculatedBlockDigest();
                if (expected.isPresent() && found.isPresent() && differ(expected.get(), found.get())) {
                    throw new IOException("a digest does not match");
                }
            }
        }

        /** Digests of other algorithms say nothing. */
        private static boolean differ(WarcDigest expected, WarcDigest found) {
            return expected.algorithm().equalsIgnoreCase(found.algorithm())
                    && !Arrays.equals(expected.bytes(), found.bytes());
        }
    }
}
