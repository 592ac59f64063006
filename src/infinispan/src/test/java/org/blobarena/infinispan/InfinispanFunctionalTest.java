package org.blobarena.infinispan;

import org.infinispan.configuration.cache.PersistenceConfigurationBuilder;
import org.infinispan.persistence.BaseStoreFunctionalTest;
import org.testng.annotations.Test;

/** Infinispan's tests of caches with a store. */
@Test(groups = "unit", testName = "org.blobarena.infinispan.InfinispanFunctionalTest")
public class InfinispanFunctionalTest extends BaseStoreFunctionalTest {

    @Override
    protected PersistenceConfigurationBuilder createCacheStoreConfig(
            PersistenceConfigurationBuilder persistence, String cacheName, boolean preload) {
        persistence
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .preload(preload)
                .purgeOnStartup(false);
        return persistence;
    }
}
