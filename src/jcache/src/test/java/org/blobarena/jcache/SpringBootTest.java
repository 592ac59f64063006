package org.blobarena.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.jcache.JCacheCacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application of Spring Boot with the property spring.cache.type=jcache and nothing else of this module. */
class SpringBootTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void setDirectory() {
        System.setProperty(BlobCachingProvider.DIRECTORY, directory.toString());
    }

    @AfterEach
    void clearDirectory() {
        System.clearProperty(BlobCachingProvider.DIRECTORY);
    }

    /** The application. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Squares squares() {
            return new Squares();
        }
    }

    /** Something that takes long, so that a cache is worth it. */
    static class Squares {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("squares")
        public String square(int number, String unit) {
            calls.incrementAndGet();
            return number * number + " " + unit;
        }

        public int calls() {
            return calls.get();
        }
    }

    private static ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(Application.class)
                .properties("spring.cache.type=jcache", "spring.cache.cache-names=squares")
                .properties("spring.main.banner-mode=off")
                .run();
    }

    @Test
    void resultsOfMethodsAreKeptOverARestartOfTheApplication() {
        try (ConfigurableApplicationContext context = start()) {
            assertThat(context.getBean(CacheManager.class)).isInstanceOf(JCacheCacheManager.class);
            Squares squares = context.getBean(Squares.class);
            assertThat(squares.square(12, "km2")).isEqualTo("144 km2");
            assertThat(squares.square(12, "km2")).isEqualTo("144 km2");
            assertThat(squares.calls()).isEqualTo(1);
        }
        try (ConfigurableApplicationContext context = start()) {
            Squares squares = context.getBean(Squares.class);
            assertThat(squares.square(12, "km2")).isEqualTo("144 km2");
            assertThat(squares.calls()).isZero();
            assertThat(squares.square(3, "km2")).isEqualTo("9 km2");
            assertThat(squares.calls()).isEqualTo(1);
        }
    }
}
