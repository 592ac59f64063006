package org.blobarena.testing;

/** The bytes of a fuzzer, read as numbers. Behind their end there are zeros. */
public final class FuzzInput {

    private final byte[] bytes;
    private int position;

    public FuzzInput(byte[] bytes) {
        this.bytes = bytes;
    }

    public boolean hasNext() {
        return position < bytes.length;
    }

    /** 0 to 255. */
    public int next() {
        return hasNext() ? Byte.toUnsignedInt(bytes[position++]) : 0;
    }

    /** 0 to 65,535. */
    public int nextShort() {
        return next() << 8 | next();
    }

    public int nextInt() {
        return nextShort() << 16 | nextShort();
    }

    public long nextLong() {
        return (long) nextInt() << 32 | Integer.toUnsignedLong(nextInt());
    }

    public byte[] next(int count) {
        byte[] read = new byte[count];
        for (int i = 0; i < count; i++) {
            read[i] = (byte) next();
        }
        return read;
    }
}
