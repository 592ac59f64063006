package org.blobarena.cli.transfer;

import java.io.Closeable;
import java.io.IOException;
import org.blobarena.cli.text.Key;

/** Where an import takes blobs from, one after the other: a tree of files, or an archive. */
public interface BlobSource extends Closeable {

    /** How many bytes there are to read, or 0 when that is not known: for progress. */
    long bytes();

    /** How many of them have been read. */
    long done();

    /** The longest blob that there can be. */
    long blobBytesMax();

    /**
     * Visits every blob, in the order of the source.
     *
     * @throws IOException if there is no reading on, or the visitor throws it
     */
    void forEach(Visitor visitor) throws IOException;

    /** What is done with each blob. */
    interface Visitor {

        void blob(Item item) throws IOException;

        /**
         * What is done about something that cannot be read, or has no key.
         *
         * @param shown its name as people see it
         */
        void problem(String shown, IOException problem) throws IOException;
    }

    /** One blob, while it is visited. */
    interface Item {

        Key key();

        /** The name as people see it. */
        String shown();

        /**
         * Opens the blob.
         *
         * @param imported the blobs that were visited before, which a hard link leads to
         * @throws SourceStream.Failure if this blob cannot be read, here or by the stream, while others may be; every other
         *     exception ends the import
         */
        SourceStream open(ReadableBlobs imported) throws IOException;
    }
}
