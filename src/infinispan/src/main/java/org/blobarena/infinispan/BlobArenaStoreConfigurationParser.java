package org.blobarena.infinispan;

import java.util.Locale;
import org.blobarena.store.api.Compression;
import org.blobarena.store.api.Durability;
import org.infinispan.commons.configuration.io.ConfigurationReader;
import org.infinispan.configuration.parsing.CacheParser;
import org.infinispan.configuration.parsing.ConfigurationBuilderHolder;
import org.infinispan.configuration.parsing.ConfigurationParser;
import org.infinispan.configuration.parsing.Namespace;
import org.infinispan.configuration.parsing.ParseUtils;

/**
 * Reads the configuration of a {@link BlobArenaStore} from XML, JSON or YAML. Infinispan finds it by itself.
 *
 * <pre>{@code
 * <persistence>
 *   <blobarena-store xmlns="urn:blobarena:config:store:1.0" path="/data/caches" durability="written"/>
 * </persistence>
 * }</pre>
 *
 * <p>The attributes are {@code path}, {@code durability} and {@code compression}, which are those of the {@linkplain
 * BlobArenaStoreConfigurationBuilder builder}, and those that all stores have. Safe for use by multiple threads.
 */
@Namespace(root = "blobarena-store")
@Namespace(uri = BlobArenaStoreConfigurationParser.NAMESPACE + "*", root = "blobarena-store", since = "1.0")
public final class BlobArenaStoreConfigurationParser implements ConfigurationParser {

    /** The name space of the element, but for its version. */
    static final String NAMESPACE = "urn:blobarena:config:store:";

    /** Makes a parser. Infinispan calls this. */
    public BlobArenaStoreConfigurationParser() {}

    @Override
    public void readElement(ConfigurationReader reader, ConfigurationBuilderHolder holder) {
        if (!reader.getLocalName().equals(BlobArenaStoreConfiguration.Element.BLOBARENA_STORE.toString())) {
            throw ParseUtils.unexpectedElement(reader);
        }
        BlobArenaStoreConfigurationBuilder builder = holder.getCurrentConfigurationBuilder()
                .persistence()
                .addStore(BlobArenaStoreConfigurationBuilder.class);
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            ParseUtils.requireNoNamespaceAttribute(reader, i);
            String value = reader.getAttributeValue(i);
            switch (reader.getAttributeName(i)) {
                case "path" -> builder.path(value);
                case "durability" -> builder.durability(constant(Durability.class, value));
                case "compression" -> builder.compression(constant(Compression.class, value));
                default -> CacheParser.parseStoreAttribute(reader, i, builder);
            }
        }
        while (reader.inTag()) {
            CacheParser.parseStoreElement(reader, builder);
        }
    }

    /** What Infinispan writes itself is in capitals. */
    private static <E extends Enum<E>> E constant(Class<E> type, String value) {
        return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
    }

    @Override
    public Namespace[] getNamespaces() {
        return ParseUtils.getNamespaceAnnotations(getClass());
    }
}
