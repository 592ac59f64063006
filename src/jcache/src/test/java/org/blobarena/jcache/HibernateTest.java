package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Lob;
import java.nio.file.Path;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.cfg.Configuration;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second-level cache of Hibernate on this provider. */
class HibernateTest {

    private static final String DATABASE = "jdbc:h2:mem:hibernate;DB_CLOSE_DELAY=-1";

    @TempDir
    private Path directory;

    /** What is stored in the database, and cached. */
    @Entity(name = "Picture")
    @Cacheable
    @Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
    static class Picture {

        @Id
        long id;

        private String name;

        @Lob
        private byte[] pixels;

        protected Picture() {}

        Picture(long id, String name, byte[] pixels) {
            this.id = id;
            this.name = name;
            this.pixels = pixels;
        }
    }

    private SessionFactory open(String schema) {
        return new Configuration()
                .addAnnotatedClass(Picture.class)
                .setProperty("hibernate.connection.url", DATABASE)
                .setProperty("hibernate.hbm2ddl.auto", schema)
                .setProperty("hibernate.generate_statistics", "true")
                .setProperty("hibernate.cache.region.factory_class", "jcache")
                .setProperty("hibernate.cache.use_query_cache", "true")
                .setProperty("hibernate.javax.cache.provider", BlobCachingProvider.class.getName())
                .setProperty("hibernate.javax.cache.uri", directory.toUri().toString())
                .setProperty("hibernate.javax.cache.missing_cache_strategy", "create")
                .buildSessionFactory();
    }

    private static Picture find(Session session) {
        return session.find(Picture.class, 7L);
    }

    @Test
    void entitiesAreFoundInTheCacheAfterARestartAndChangesReachIt() {
        try (SessionFactory factory = open("create")) {
            factory.inTransaction(session -> session.persist(new Picture(7, "cat", new byte[50_000])));
            factory.inSession(session -> assertThat(find(session).pixels).hasSize(50_000));
            assertThat(factory.getStatistics().getSecondLevelCacheHitCount()).isEqualTo(1);
        }
        try (SessionFactory factory = open("none")) {
            Statistics statistics = factory.getStatistics();
            factory.inSession(session -> assertThat(find(session).name).isEqualTo("cat"));
            assertThat(statistics.getSecondLevelCacheHitCount()).isEqualTo(1);
            assertThat(statistics.getPrepareStatementCount()).isZero();
            factory.inTransaction(session -> find(session).name = "dog");
            factory.inSession(session -> assertThat(find(session).name).isEqualTo("dog"));
            assertThat(statistics.getSecondLevelCacheMissCount()).isZero();
            for (int i = 0; i < 2; i++) {
                factory.inSession(
                        session -> assertThat(session.createQuery("select p.name from Picture p", String.class)
                                        .setCacheable(true)
                                        .getResultList())
                                .containsExactly("dog"));
            }
            assertThat(statistics.getQueryCacheHitCount()).isEqualTo(1);
            factory.getCache().evictAllRegions();
            factory.inSession(session -> assertThat(find(session).name).isEqualTo("dog"));
            assertThat(statistics.getSecondLevelCacheMissCount()).isEqualTo(1);
        }
        try (SessionFactory factory = open("drop")) {
            factory.inSession(session -> assertThat(find(session).name).isEqualTo("dog"));
        }
    }
}
