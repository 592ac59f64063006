package org.blobarena.infinispan.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.blobarena.testing.ChildJvm;

/** A node in a process of its own, and what it has answered. */
final class NodeProcess implements AutoCloseable {

    private static final String DONE = "done ";
    private static final String END = "end";

    private final ChildJvm process;
    private final Queue<Integer> done = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Object progress = new Object();
    private int doneCount;
    private boolean ended;

    private NodeProcess(ChildJvm process) {
        this.process = process;
        Thread reader = new Thread(this::read, "answers of a node");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a node and waits until it has joined. */
    static NodeProcess start(Path directory, int port, List<Integer> ports) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        String all = ports.stream().map(String::valueOf).collect(Collectors.joining(","));
        List<String> flags = List.of("-Xmx400m", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true");
        NodeProcess node = new NodeProcess(
                ChildJvm.start(ChildJvm.classPath(), flags, ClusterNode.class, directory, String.valueOf(port), all));
        try {
            node.answer("started");
            return node;
        } catch (AssertionError | InterruptedException e) {
            node.close();
            throw e;
        }
    }

    private void read() {
        try {
            for (String line = process.readLine(); line != null; line = process.readLine()) {
                if (line.startsWith(DONE)) {
                    done.add(Integer.valueOf(line.substring(DONE.length())));
                    count(1, false);
                } else {
                    answers.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            count(0, true);
            answers.add(END);
        }
    }

    private void count(int more, boolean end) {
        synchronized (progress) {
            doneCount += more;
            ended |= end;
            progress.notifyAll();
        }
    }

    void tell(String line) throws IOException {
        process.send(line + "\n");
    }

    /** Waits for an answer that begins so, and returns the number behind it, or 0. */
    int answer(String word) throws IOException, InterruptedException {
        String line = answers.take();
        while (!line.equals(word) && !line.startsWith(word + " ")) {
            if (line.equals(END)) {
                answers.add(END);
                throw new AssertionError("a node ended before \"" + word + "\": " + process.errors());
            }
            line = answers.take();
        }
        return line.equals(word) ? 0 : Integer.parseInt(line.substring(word.length() + 1));
    }

    int ask(String line, String word) throws IOException, InterruptedException {
        tell(line);
        return answer(word);
    }

    /** Waits until so many entries have been put by this node. */
    void awaitDone(int count) throws IOException, InterruptedException {
        synchronized (progress) {
            while (doneCount < count && !ended) {
                progress.wait();
            }
            if (doneCount < count) {
                throw new AssertionError("a node ended early: " + process.errors());
            }
        }
    }

    int doneCount() {
        return done.size();
    }

    Queue<Integer> done() {
        return done;
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
