package org.blobarena;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The layers: the command line and the integrations, then the store, then index, format and arena; never back. Inside the
 * store, one stage after the other.
 */
@AnalyzeClasses(packages = "org.blobarena", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {

    /** Chosen by the name of the last folder or of the jar: Maven takes jars once it has packed them. */
    static final class MainClasses implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/") && !location.contains("-tests.jar");
        }
    }

    private static final String ARENA = "org.blobarena.arena..";
    private static final String FORMAT = "org.blobarena.format..";
    private static final String INDEX = "org.blobarena.index..";
    private static final String STORE = "org.blobarena.store..";
    private static final String CACHE = "org.blobarena.cache..";
    private static final String CLI = "org.blobarena.cli..";

    private static final String[] USED_BY_INTEGRATIONS = {
        "org.blobarena.cache", "org.blobarena.store.api", "org.blobarena.store.objects"
    };

    @ArchTest
    static final ArchRule arenaNeedsTheJdkAlone = classes()
            .that()
            .resideInAPackage(ARENA)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(ARENA, "java..", "org.jspecify.annotations.."));

    @ArchTest
    static final ArchRule formatUsesArena = usesOfOurs(FORMAT, ARENA);

    @ArchTest
    static final ArchRule indexUsesArena = usesOfOurs(INDEX, ARENA);

    @ArchTest
    static final ArchRule oneMapKnowsNothingOfTheIndexThatReplacesIt = usesOfOurs(
            "org.blobarena.index.chronicle.map..",
            ARENA,
            "org.blobarena.index",
            "org.blobarena.index.chronicle.runtime..");

    @ArchTest
    static final ArchRule whatIsReadyBeforeTheFirstMapKnowsNoMap =
            usesOfOurs("org.blobarena.index.chronicle.runtime..", ARENA, "org.blobarena.index");

    @ArchTest
    static final ArchRule storeUsesArenaFormatAndIndex = usesOfOurs(STORE, ARENA, FORMAT, INDEX);

    @ArchTest
    static final ArchRule contentUsesWhatUsersOfTheStoreMay = usesOfOurs(
            "org.blobarena.content",
            "org.blobarena.store",
            "org.blobarena.store.api",
            "org.blobarena.store.upkeep",
            "org.blobarena.arena");

    @ArchTest
    static final ArchRule cacheUsesStoreArenaFormatAndIndex = usesOfOurs(CACHE, STORE, ARENA, FORMAT, INDEX);

    @ArchTest
    static final ArchRule cliUsesStoreContentAndArena = usesOfOurs(CLI, STORE, "org.blobarena.content", ARENA);

    @ArchTest
    static final ArchRule jcacheUsesWhatUsersOfTheCacheMay = usesOfOurs("org.blobarena.jcache..", USED_BY_INTEGRATIONS);

    @ArchTest
    static final ArchRule springUsesWhatUsersOfTheCacheMay = usesOfOurs("org.blobarena.spring..", USED_BY_INTEGRATIONS);

    @ArchTest
    static final ArchRule httpclientUsesWhatUsersOfTheCacheMay =
            usesOfOurs("org.blobarena.httpclient..", USED_BY_INTEGRATIONS);

    @ArchTest
    static final ArchRule objectsUseWhatUsersOfTheStoreMay =
            usesOfOurs("org.blobarena.store.objects", "org.blobarena.store.api");

    @ArchTest
    static final ArchRule metersUseWhatUsersOfStoreAndCacheMay = usesOfOurs(
            "org.blobarena.micrometer..", "org.blobarena.cache", "org.blobarena.store", "org.blobarena.store.api");

    @ArchTest
    static final ArchRule infinispanUsesWhatUsersOfTheStoreMay =
            usesOfOurs("org.blobarena.infinispan..", "org.blobarena.store", "org.blobarena.store.api");

    @ArchTest
    static final ArchRule storeIsStageOverStage = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(STORE)
            .layer("users")
            .definedBy("org.blobarena.store")
            .layer("engine")
            .definedBy("org.blobarena.store.internal.engine")
            .layer("evict")
            .definedBy("org.blobarena.store.internal.evict")
            .layer("compact")
            .definedBy("org.blobarena.store.internal.compact")
            .layer("snapshot")
            .definedBy("org.blobarena.store.internal.snapshot")
            .layer("follow")
            .definedBy("org.blobarena.store.internal.follow")
            .layer("recovery")
            .definedBy("org.blobarena.store.internal.recovery")
            .layer("write")
            .definedBy("org.blobarena.store.internal.write")
            .layer("record")
            .definedBy("org.blobarena.store.internal.record")
            .layer("core")
            .definedBy("org.blobarena.store.internal.core")
            .layer("watch")
            .definedBy("org.blobarena.store.internal.watch")
            .layer("api")
            .definedBy("org.blobarena.store.api", "org.blobarena.store.upkeep")
            .whereLayer("users")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("users")
            .whereLayer("evict")
            .mayOnlyBeAccessedByLayers("users", "engine")
            .whereLayer("compact")
            .mayOnlyBeAccessedByLayers("users", "engine", "evict")
            .whereLayer("snapshot")
            .mayOnlyBeAccessedByLayers("users", "engine")
            .whereLayer("follow")
            .mayOnlyBeAccessedByLayers("users", "engine")
            .whereLayer("recovery")
            .mayOnlyBeAccessedByLayers("users", "engine", "evict", "compact", "snapshot", "follow")
            .whereLayer("write")
            .mayOnlyBeAccessedByLayers("users", "engine", "evict", "compact", "snapshot", "recovery")
            .whereLayer("record")
            .mayOnlyBeAccessedByLayers("users", "engine", "evict", "compact", "follow", "recovery", "write")
            .whereLayer("watch")
            .mayOnlyAccessLayers("api")
            .whereLayer("api")
            .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule noPackagesInACircle =
            slices().matching("org.blobarena.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyItsIndexKnowsChronicle = noClasses()
            .that()
            .resideOutsideOfPackages("org.blobarena.index.chronicle..", "net.openhft..")
            .should()
            .dependOnClassesThat(resideInAPackage("net.openhft.chronicle.."));

    @ArchTest
    static final ArchRule onlyStoreAndFormatHash = noClasses()
            .that()
            .resideOutsideOfPackages(STORE, FORMAT)
            .should()
            .dependOnClassesThat(resideInAPackage("com.dynatrace.hash4j.."));

    @ArchTest
    static final ArchRule onlyContextsOfZstdKnowZstd = noClasses()
            .that()
            .haveNameNotMatching(".*\\.store\\.internal\\.record\\.Zstd(Dec|C)ompressor")
            .and()
            .resideInAPackage("org.blobarena..")
            .should()
            .dependOnClassesThat(resideInAPackage("com.github.luben.."));

    @ArchTest
    static final ArchRule onlyEventsKnowTheRecorder = noClasses()
            .that()
            .resideInAPackage("org.blobarena..")
            .and()
            .resideOutsideOfPackage("org.blobarena.store.internal.watch")
            .should()
            .dependOnClassesThat(resideInAPackage("jdk.jfr.."));

    /** Of our packages, {@code user} may depend on {@code used} and on itself; others' packages are not limited here. */
    private static ArchRule usesOfOurs(String user, String... used) {
        String[] allowed = new String[used.length + 1];
        System.arraycopy(used, 0, allowed, 0, used.length);
        allowed[used.length] = user;
        return noClasses()
                .that()
                .resideInAPackage(user)
                .should()
                .dependOnClassesThat(resideInAPackage("org.blobarena..").and(resideOutsideOfPackages(allowed)));
    }
}
