package org.blobarena.infinispan.cluster;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Fills a cluster of three nodes with two owners, kills one while more is put, and another when the first two have what the
 * third had; each time, every entry that was acknowledged must be there as it was. Then the first one joins again.
 */
public final class ClusterRun {

    /** Of this many entries, one is put while a node is killed. */
    private static final int PART_UNDER_LOAD = 4;

    private final Path directory;
    private final int blobs;
    private final PrintStream out;
    private final long begun = System.nanoTime();

    ClusterRun(Path directory, int blobs, PrintStream out) {
        this.directory = directory;
        this.blobs = blobs;
        this.out = out;
    }

    /**
     * Runs it by hand.
     *
     * @param args how many entries, and where, by default in the temporary directory
     */
    public static void main(String[] args) throws Exception {
        int blobs = Integer.parseInt(args[0]);
        Path directory = args.length > 1
                ? Files.createDirectories(Path.of(args[1]))
                : Files.createTempDirectory("blobarena-cluster");
        Result result = new ClusterRun(directory, blobs, System.out).run();
        System.out.println(result);
        System.exit(result.isRight(blobs) ? 0 : 1);
    }

    /**
     * What came of it.
     *
     * @param acknowledged how many entries the nodes said they had put
     * @param putUnderLoad how many of them after the first node was killed
     * @param wrongAfterFirst how many were missing or different on a node that was left
     * @param wrongAfterSecond the same on the last node
     * @param wrongAfterJoin the same on the node that joined again
     * @param counted how many entries the cluster counts in the end
     */
    record Result(
            int acknowledged,
            int putUnderLoad,
            int wrongAfterFirst,
            int wrongAfterSecond,
            int wrongAfterJoin,
            int counted) {

        /** A put that was not acknowledged may have been done. */
        boolean isRight(int blobs) {
            return wrongAfterFirst == 0
                    && wrongAfterSecond == 0
                    && wrongAfterJoin == 0
                    && putUnderLoad > 0
                    && counted >= acknowledged
                    && counted <= blobs;
        }
    }

    Result run() throws IOException, InterruptedException {
        List<Integer> ports = List.of(freePort(), freePort(), freePort());
        List<NodeProcess> nodes = new ArrayList<>();
        try {
            for (int port : ports) {
                nodes.add(NodeProcess.start(directory.resolve("node-" + nodes.size()), port, ports));
            }
            return run(nodes, ports);
        } finally {
            for (NodeProcess node : nodes) {
                node.close();
            }
        }
    }

    private Result run(List<NodeProcess> nodes, List<Integer> ports) throws IOException, InterruptedException {
        NodeProcess first = nodes.get(0);
        NodeProcess second = nodes.get(1);
        NodeProcess killed = nodes.get(2);
        first.ask("settled 3", "settled");
        say("three nodes have joined");
        int before = blobs - blobs / PART_UNDER_LOAD;
        int failed = first.ask("put 0 " + before, "put");
        say(before + " entries put");
        int middle = before + (blobs - before) / 2;
        first.tell("put " + before + " " + middle);
        second.tell("put " + middle + " " + blobs);
        first.awaitDone(before + (middle - before) / 4);
        second.awaitDone((blobs - middle) / 4);
        killed.kill();
        int done = first.doneCount() + second.doneCount();
        failed += first.answer("put") + second.answer("put");
        Set<Integer> acknowledged = new TreeSet<>(first.done());
        acknowledged.addAll(second.done());
        say("a node killed after " + done + " entries, and " + (acknowledged.size() - done) + " more put, " + failed
                + " refused");
        first.ask("settled 2", "settled");
        int wrongAfterFirst = wrong(second, acknowledged);
        say("two nodes have everything but " + wrongAfterFirst);
        second.kill();
        first.ask("settled 1", "settled");
        int wrongAfterSecond = wrong(first, acknowledged);
        say("one node has everything but " + wrongAfterSecond);
        NodeProcess again = NodeProcess.start(directory.resolve("node-2"), ports.get(2), ports);
        nodes.add(again);
        again.ask("settled 2", "settled");
        int wrongAfterJoin = wrong(again, acknowledged);
        int counted = again.ask("count", "count");
        say("the node that joined again has everything but " + wrongAfterJoin);
        again.ask("stop", "stopped");
        first.ask("stop", "stopped");
        return new Result(
                acknowledged.size(),
                acknowledged.size() - done,
                wrongAfterFirst,
                wrongAfterSecond,
                wrongAfterJoin,
                counted);
    }

    /** Has a node read everything that was acknowledged, range by range. */
    private static int wrong(NodeProcess node, Set<Integer> acknowledged) throws IOException, InterruptedException {
        int wrong = 0;
        int from = -1;
        int to = -1;
        for (int number : acknowledged) {
            if (number != to) {
                wrong += from < 0 ? 0 : node.ask("verify " + from + " " + to, "wrong");
                from = number;
            }
            to = number + 1;
        }
        return wrong + node.ask("verify " + from + " " + to, "wrong");
    }

    /** With the next one, which tells others that a node has died. */
    private static int freePort() throws IOException {
        int port = anyPort();
        while (!isFree(port + 1)) {
            port = anyPort();
        }
        return port;
    }

    private static int anyPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    private void say(String what) {
        out.println((System.nanoTime() - begun) / 1_000_000_000 + " s: " + what);
    }
}
