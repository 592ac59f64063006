package org.blobarena.jcache;

import java.lang.management.ManagementFactory;
import java.net.URI;
import javax.cache.CacheException;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.management.CacheMXBean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bean of a cache at the platform's server of beans, under the name that JCache prescribes. For use by one thread. */
final class Beans {

    private static final Logger LOG = LoggerFactory.getLogger(Beans.class);

    private final ObjectName name;
    private final Object bean;
    private boolean registered;

    /**
     * Makes one that is not registered.
     *
     * @param type {@code CacheConfiguration} or {@code CacheStatistics}
     */
    Beans(String type, URI manager, String cache, Object bean) {
        try {
            this.name = new ObjectName(
                    "javax.cache:type=" + type + ",CacheManager=" + safe(manager.toString()) + ",Cache=" + safe(cache));
        } catch (JMException e) {
            throw new CacheException(e);
        }
        this.bean = bean;
    }

    /** Without the characters that names of beans may not have. */
    private static String safe(String text) {
        return text.replaceAll("[,:=\n]", ".");
    }

    /** Two managers of one URI, for two class loaders, can have caches of one name; the first has the bean. */
    void register(boolean wanted) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            if (wanted && !registered) {
                Object unused = server.registerMBean(bean, name);
                registered = true;
            } else if (!wanted && registered) {
                registered = false;
                server.unregisterMBean(name);
            }
        } catch (InstanceAlreadyExistsException | InstanceNotFoundException e) {
            LOG.warn("somebody else has, or had, the bean {}", name);
        } catch (JMException e) {
            throw new CacheException(e);
        }
    }

    /** The configuration of a cache, for management. */
    static final class ConfigurationBean implements CacheMXBean {

        private final CompleteConfiguration<?, ?> configuration;

        /** Makes a bean that shows what a configuration says at the time. */
        ConfigurationBean(CompleteConfiguration<?, ?> configuration) {
            this.configuration = configuration;
        }

        @Override
        public String getKeyType() {
            return configuration.getKeyType().getName();
        }

        @Override
        public String getValueType() {
            return configuration.getValueType().getName();
        }

        @Override
        public boolean isReadThrough() {
            return configuration.isReadThrough();
        }

        @Override
        public boolean isWriteThrough() {
            return configuration.isWriteThrough();
        }

        @Override
        public boolean isStoreByValue() {
            return configuration.isStoreByValue();
        }

        @Override
        public boolean isStatisticsEnabled() {
            return configuration.isStatisticsEnabled();
        }

        @Override
        public boolean isManagementEnabled() {
            return configuration.isManagementEnabled();
        }
    }
}
