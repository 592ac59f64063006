package org.blobarena.infinispan;

import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.persistence.BaseNonBlockingStoreTest;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.infinispan.testing.Testing;
import org.testng.annotations.Test;

/** Infinispan's tests of the methods of a store. */
@Test(groups = "unit", testName = "org.blobarena.infinispan.InfinispanStoreTest")
public class InfinispanStoreTest extends BaseNonBlockingStoreTest {

    @Override
    protected NonBlockingStore<Object, Object> createStore() {
        return new BlobArenaStore<>();
    }

    @Override
    protected Configuration buildConfig(ConfigurationBuilder builder) {
        return configured(builder).build();
    }

    /** With what the other runs of these tests change. */
    protected BlobArenaStoreConfigurationBuilder configured(ConfigurationBuilder builder) {
        return builder.persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class)
                .path(Testing.tmpDirectory(getClass()));
    }
}
