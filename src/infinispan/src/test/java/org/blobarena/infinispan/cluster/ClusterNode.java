package org.blobarena.infinispan.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.blobarena.infinispan.BlobArenaStoreConfigurationBuilder;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.distribution.DistributionManager;
import org.infinispan.distribution.LocalizedCacheTopology;
import org.infinispan.distribution.ch.ConsistentHash;
import org.infinispan.manager.DefaultCacheManager;

/**
 * A node of a cluster, which does what it reads, line by line, and answers each with a line: {@code put FROM TO}, {@code
 * verify FROM TO}, {@code settled NODES}, {@code count} and {@code stop}. A put answers for each entry, when it is written.
 *
 * <p>Arguments: its directory, its port, and the ports of all nodes with commas in between.
 */
public final class ClusterNode {

    private static final int THREADS = 4;
    private static final int OWNERS = 2;
    private static final int IN_MEMORY = 100;

    /** So many entries, all of which are in memory, are sent to another node at a time. */
    private static final int CHUNK = 32;

    private static final long POLL_MILLIS = 50;

    private final DefaultCacheManager manager;
    private final Cache<String, byte[]> cache;

    private ClusterNode(Path directory, String port, String ports) throws IOException {
        System.setProperty("blobarena.cluster.port", port);
        System.setProperty("blobarena.cluster.hosts", hosts(ports));
        GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
        global.transport().clusterName("blobs").addProperty("configurationFile", "cluster-tcp.xml");
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        ConfigurationBuilder blobs = new ConfigurationBuilder();
        blobs.clustering()
                .cacheMode(CacheMode.DIST_SYNC)
                .hash()
                .numOwners(OWNERS)
                .numSegments(64);
        blobs.clustering()
                .remoteTimeout(60, TimeUnit.SECONDS)
                .stateTransfer()
                .chunkSize(CHUNK)
                .timeout(10, TimeUnit.MINUTES);
        blobs.memory().maxCount(IN_MEMORY);
        blobs.persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .path(directory)
                .purgeOnStartup(true);
        manager = new DefaultCacheManager(global.build());
        manager.defineConfiguration("blobs", blobs.build());
        cache = manager.getCache("blobs");
    }

    private static String hosts(String ports) {
        return String.join(
                ",",
                Arrays.stream(ports.split(",", -1))
                        .map(port -> "127.0.0.1[" + port + "]")
                        .toList());
    }

    public static void main(String[] args) throws Exception {
        ClusterNode node = new ClusterNode(Path.of(args[0]), args[1], args[2]);
        say("started");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            node.obey(line.split(" ", -1));
        }
        System.exit(0); // Whoever started it is gone.
    }

    private void obey(String[] words) throws InterruptedException {
        switch (words[0]) {
            case "put" -> say("put " + put(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            case "verify" -> say("wrong " + verify(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            case "settled" -> {
                awaitSettled(Integer.parseInt(words[1]));
                say("settled");
            }
            case "count" -> say("count " + cache.size());
            case "stop" -> {
                manager.stop();
                say("stopped");
                System.exit(0);
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Puts the entries of these numbers, and returns how many puts have failed. */
    private int put(int from, int to) throws InterruptedException {
        return inThreads(from, to, number -> {
            cache.put(Blobs.key(number), Blobs.value(number));
            say("done " + number);
            return true;
        });
    }

    /** Reads the entries of these numbers, and returns how many are wrong. */
    private int verify(int from, int to) throws InterruptedException {
        return inThreads(from, to, number -> Arrays.equals(cache.get(Blobs.key(number)), Blobs.value(number)));
    }

    /** What is done with each number. */
    @FunctionalInterface
    private interface Step {
        boolean isRight(int number);
    }

    private static int inThreads(int from, int to, Step step) throws InterruptedException {
        AtomicInteger next = new AtomicInteger(from);
        AtomicInteger wrong = new AtomicInteger();
        Thread[] threads = new Thread[THREADS];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int number = next.getAndIncrement(); number < to; number = next.getAndIncrement()) {
                    if (!isRight(step, number)) {
                        wrong.incrementAndGet();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return wrong.get();
    }

    /** A cache may refuse an operation while a node goes; then nothing is promised of it. */
    private static boolean isRight(Step step, int number) {
        try {
            return step.isRight(number);
        } catch (RuntimeException e) {
            System.err.println("number " + number + ": " + e);
            return false;
        }
    }

    /** Waits until the cache has so many nodes and every entry has all the owners that it can have. */
    private void awaitSettled(int nodes) {
        DistributionManager distribution = cache.getAdvancedCache().getDistributionManager();
        while (manager.getMembers().size() != nodes || !isSettled(distribution.getCacheTopology(), nodes)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }

    private static boolean isSettled(LocalizedCacheTopology topology, int nodes) {
        ConsistentHash owners = topology.getCurrentCH();
        return topology.getPendingCH() == null
                && owners.getMembers().size() == nodes
                && IntStream.range(0, owners.getNumSegments())
                        .allMatch(segment ->
                                owners.locateOwnersForSegment(segment).size() == Math.min(OWNERS, nodes));
    }
}
