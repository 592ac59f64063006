package org.blobarena.infinispan;

import java.nio.file.Path;
import java.util.Objects;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.infinispan.commons.CacheConfigurationException;
import org.infinispan.commons.configuration.attributes.AttributeSet;
import org.infinispan.configuration.cache.AbstractStoreConfigurationBuilder;
import org.infinispan.configuration.cache.PersistenceConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfiguration;
import org.infinispan.persistence.PersistenceUtil;

/**
 * Configures a {@link BlobArenaStore}:
 *
 * <pre>{@code
 * new ConfigurationBuilder().persistence().addStore(BlobArenaStoreConfigurationBuilder.class).path("/data/caches");
 * }</pre>
 *
 * <p>Of what all stores have, {@code shared} and {@code transactional} are refused. For use by one thread.
 */
public final class BlobArenaStoreConfigurationBuilder
        extends AbstractStoreConfigurationBuilder<BlobArenaStoreConfiguration, BlobArenaStoreConfigurationBuilder> {

    /**
     * Makes a builder. {@code addStore} calls this.
     *
     * @param builder the builder of which this becomes a part
     */
    public BlobArenaStoreConfigurationBuilder(PersistenceConfigurationBuilder builder) {
        super(builder, BlobArenaStoreConfiguration.attributeDefinitionSet());
    }

    /**
     * Sets the directory in which the cache has a directory of its own name. Two nodes, and two caches whose names are the
     * same but for characters that are neither letters, digits, {@code -}, {@code _} nor {@code .}, need different ones.
     *
     * @param directory the directory; by default, the persistent location of the global state. If there is a global state,
     *     the directory must be in that location, and is relative to it unless it is absolute
     * @return this
     */
    public BlobArenaStoreConfigurationBuilder path(String directory) {
        attributes.attribute(BlobArenaStoreConfiguration.PATH).set(Objects.requireNonNull(directory, "directory"));
        return this;
    }

    /**
     * Sets the directory in which the cache has a directory of its own name, as {@link #path(String)} does.
     *
     * @param directory the directory
     * @return this
     */
    public BlobArenaStoreConfigurationBuilder path(Path directory) {
        return path(directory.toString());
    }

    /**
     * Sets what a write guarantees when it has completed.
     *
     * @param value the durability; {@link Durability#WRITTEN} by default
     * @return this
     */
    public BlobArenaStoreConfigurationBuilder durability(Durability value) {
        attributes.attribute(BlobArenaStoreConfiguration.DURABILITY).set(Objects.requireNonNull(value, "value"));
        return this;
    }

    /**
     * Sets how entries are stored. It may change from start to start.
     *
     * @param value the compression; {@link Compression#NONE} by default
     * @return this
     */
    public BlobArenaStoreConfigurationBuilder compression(Compression value) {
        attributes.attribute(BlobArenaStoreConfiguration.COMPRESSION).set(Objects.requireNonNull(value, "value"));
        return this;
    }

    @Override
    public AttributeSet attributes() {
        return attributes;
    }

    @Override
    public void validate() {
        super.validate();
        if (attributes.attribute(BlobArenaStoreConfiguration.SHARED).get()) {
            throw new CacheConfigurationException("a store of BlobArena belongs to one node and cannot be shared");
        }
        if (attributes.attribute(BlobArenaStoreConfiguration.TRANSACTIONAL).get()) {
            throw new CacheConfigurationException("a store of BlobArena takes no part in transactions");
        }
    }

    @Override
    public void validate(GlobalConfiguration global) {
        PersistenceUtil.validateGlobalStateStoreLocation(
                global, BlobArenaStore.class.getSimpleName(), attributes.attribute(BlobArenaStoreConfiguration.PATH));
        super.validate(global);
    }

    @Override
    public BlobArenaStoreConfiguration create() {
        return new BlobArenaStoreConfiguration(attributes.protect(), async.create());
    }

    @Override
    public BlobArenaStoreConfigurationBuilder self() {
        return this;
    }
}
