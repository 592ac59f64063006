package org.blobarena.infinispan;

import org.infinispan.commons.configuration.io.ConfigurationWriter;
import org.infinispan.configuration.serializing.AbstractStoreSerializer;
import org.infinispan.configuration.serializing.ConfigurationSerializer;

/**
 * Writes the configuration of a {@link BlobArenaStore} as {@link BlobArenaStoreConfigurationParser} reads it. Infinispan does
 * so for caches that are made at run time to stay. Safe for use by multiple threads.
 */
public final class BlobArenaStoreConfigurationSerializer extends AbstractStoreSerializer
        implements ConfigurationSerializer<BlobArenaStoreConfiguration> {

    /** Makes a serializer. Infinispan calls this. */
    public BlobArenaStoreConfigurationSerializer() {}

    @Override
    public void serialize(ConfigurationWriter writer, BlobArenaStoreConfiguration configuration) {
        writer.writeStartElement(BlobArenaStoreConfiguration.Element.BLOBARENA_STORE);
        writer.writeDefaultNamespace(BlobArenaStoreConfigurationParser.NAMESPACE + "1.0");
        configuration.attributes().write(writer);
        writeCommonStoreElements(writer, configuration);
        writer.writeEndElement();
    }
}
