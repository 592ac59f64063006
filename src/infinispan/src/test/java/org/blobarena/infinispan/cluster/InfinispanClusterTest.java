package org.blobarena.infinispan.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of what {@code tools/cluster} does at length. */
class InfinispanClusterTest {

    private static final int BLOBS = 400;

    @TempDir
    private Path directory;

    @Test
    void clusterLosesNothingWhenANodeIsKilledUnderLoadAndThenAnother() throws Exception {
        ClusterRun.Result result = new ClusterRun(directory, BLOBS, System.out).run();
        assertThat(result.wrongAfterFirst()).as("on two nodes").isZero();
        assertThat(result.wrongAfterSecond()).as("on one node").isZero();
        assertThat(result.wrongAfterJoin()).as("on the node that joined again").isZero();
        assertThat(result.putUnderLoad()).as("put while a node was gone").isPositive();
        assertThat(result.counted()).isBetween(result.acknowledged(), BLOBS);
    }
}
