package org.blobarena.infinispan;

import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.testng.annotations.Test;

/** Infinispan's tests of the methods of a store that is configured without segments. */
@Test(groups = "unit", testName = "org.blobarena.infinispan.InfinispanUnsegmentedStoreTest")
public class InfinispanUnsegmentedStoreTest extends InfinispanStoreTest {

    @Override
    protected BlobArenaStoreConfigurationBuilder configured(ConfigurationBuilder builder) {
        return super.configured(builder).segmented(false);
    }
}
