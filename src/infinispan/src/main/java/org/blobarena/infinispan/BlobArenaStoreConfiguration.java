package org.blobarena.infinispan;

import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.infinispan.commons.configuration.BuiltBy;
import org.infinispan.commons.configuration.ConfigurationFor;
import org.infinispan.commons.configuration.attributes.AttributeDefinition;
import org.infinispan.commons.configuration.attributes.AttributeSet;
import org.infinispan.configuration.cache.AbstractStoreConfiguration;
import org.infinispan.configuration.cache.AsyncStoreConfiguration;
import org.infinispan.configuration.serializing.SerializedWith;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a {@link BlobArenaStore}, made by a {@link BlobArenaStoreConfigurationBuilder}. Immutable, and safe
 * for use by multiple threads.
 */
@BuiltBy(BlobArenaStoreConfigurationBuilder.class)
@ConfigurationFor(BlobArenaStore.class)
@SerializedWith(BlobArenaStoreConfigurationSerializer.class)
public final class BlobArenaStoreConfiguration extends AbstractStoreConfiguration<BlobArenaStoreConfiguration> {

    static final AttributeDefinition<String> PATH =
            AttributeDefinition.builder("path", null, String.class).immutable().build();

    static final AttributeDefinition<Durability> DURABILITY = AttributeDefinition.builder(
                    "durability", Durability.WRITTEN)
            .immutable()
            .build();
    static final AttributeDefinition<Compression> COMPRESSION = AttributeDefinition.builder(
                    "compression", Compression.NONE)
            .immutable()
            .build();

    /** The names of elements of XML. */
    enum Element {
        /** The one of the store. */
        BLOBARENA_STORE;

        @Override
        public String toString() {
            return "blobarena-store";
        }
    }

    BlobArenaStoreConfiguration(AttributeSet attributes, AsyncStoreConfiguration async) {
        super(Element.BLOBARENA_STORE, attributes, async);
    }

    /**
     * Returns what can be configured, for Infinispan.
     *
     * @return new attributes with their defaults
     */
    public static AttributeSet attributeDefinitionSet() {
        return new AttributeSet(
                BlobArenaStoreConfiguration.class,
                AbstractStoreConfiguration.attributeDefinitionSet(),
                PATH,
                DURABILITY,
                COMPRESSION);
    }

    /**
     * Returns the directory in which the cache has a directory of its own name.
     *
     * @return the directory, or null for the persistent location of the global state
     */
    public @Nullable String path() {
        return attributes.attribute(PATH).get();
    }

    /**
     * Returns what a write guarantees when it has completed.
     *
     * @return the durability
     */
    public Durability durability() {
        return attributes.attribute(DURABILITY).get();
    }

    /**
     * Returns how entries are stored.
     *
     * @return the compression
     */
    public Compression compression() {
        return attributes.attribute(COMPRESSION).get();
    }
}
