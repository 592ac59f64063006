package org.blobarena.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.blobarena.store.BlobInputStream;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.KeyCodec;

/**
 * Sends a blob of 100 MB through a socket of this machine, in turns by {@code transferTo} and over the heap: {@code
 * get} and a write of the array, and a stream that is copied to the socket's. All verify what they send. For comparison
 * the system sends a plain file by itself, unverified.
 */
public final class SocketTransfer {

    private static final int BLOB_BYTES = 100_000_000;

    private SocketTransfer() {}

    /**
     * Runs it.
     *
     * @param arguments a directory with room, and the number of rounds
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "blobarena-socket-");
        int rounds = Integer.parseInt(arguments[1]);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BlobStore<String> store = BlobStore.open(directory.resolve("store"), KeyCodec.utf8())) {
            byte[] blob = new byte[BLOB_BYTES];
            new Random(1).nextBytes(blob);
            store.put("blob", blob);
            Path plain = Files.write(directory.resolve("plain"), blob);
            for (int round = 0; round < rounds; round++) {
                double transfer = bytesPerSecond(server, channel -> store.transferTo("blob", channel));
                double array = bytesPerSecond(server, channel -> writeArray(store.get("blob"), channel));
                double stream = bytesPerSecond(server, channel -> copyStream(store, channel));
                double system = bytesPerSecond(server, channel -> sendFile(plain, channel));
                System.out.printf(
                        "round %d: transferTo %.0f MB/s, array %.0f MB/s, stream %.0f MB/s, the system alone %.0f MB/s%n",
                        round, transfer / 1e6, array / 1e6, stream / 1e6, system / 1e6);
            }
        } finally {
            ColdBatch.delete(directory);
        }
    }

    private static void writeArray(byte[] blob, SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void copyStream(BlobStore<String> store, SocketChannel channel) throws IOException {
        try (BlobInputStream in = store.openStream("blob")) {
            in.transferTo(channel.socket().getOutputStream());
        }
    }

    private static void sendFile(Path plain, SocketChannel channel) throws IOException {
        try (FileChannel file = FileChannel.open(plain)) {
            for (long position = 0; position < BLOB_BYTES; ) {
                position += file.transferTo(position, BLOB_BYTES - position, channel);
            }
        }
    }

    private interface Send {

        void to(SocketChannel channel) throws IOException;
    }

    private static double bytesPerSecond(ServerSocket server, Send send) throws IOException, InterruptedException {
        Thread receiver = new Thread(() -> receive(server));
        receiver.start();
        long start = System.nanoTime();
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()))) {
            send.to(channel);
        }
        receiver.join();
        return 1e9 * BLOB_BYTES / (System.nanoTime() - start);
    }

    private static void receive(ServerSocket server) {
        try (Socket socket = server.accept()) {
            byte[] piece = new byte[1 << 18];
            long received = 0;
            for (int count = socket.getInputStream().read(piece);
                    count >= 0;
                    count = socket.getInputStream().read(piece)) {
                received += count;
            }
            if (received != BLOB_BYTES) {
                throw new IllegalStateException(received + " bytes were received");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
