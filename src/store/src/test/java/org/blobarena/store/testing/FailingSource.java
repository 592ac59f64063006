package org.blobarena.store.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Gives some bytes, and then fails, with whatever it is told to. */
public final class FailingSource extends InputStream {

    private final InputStream first;
    private final Throwable failure;

    public FailingSource(byte[] first, Throwable failure) {
        this.first = new ByteArrayInputStream(first);
        this.failure = failure;
    }

    @Override
    public int read() throws IOException {
        int next = first.read();
        if (next < 0) {
            throw raised(failure);
        }
        return next;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int count = first.read(target, from, length);
        if (count < 0) {
            throw raised(failure);
        }
        return count;
    }

    /** Throws what is not checked, and returns what is. */
    public static IOException raised(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        return (IOException) failure;
    }
}
