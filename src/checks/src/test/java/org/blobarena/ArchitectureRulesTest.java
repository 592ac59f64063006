package org.blobarena;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule of {@link ArchitectureTest} reports the classes that break it, which are made here. A new rule needs an entry
 * in {@link #OFFENCES}, and a new stage of the store one in {@link #STAGES}.
 */
class ArchitectureRulesTest {

    private static final String ARENA = "org.blobarena.arena";
    private static final String FORMAT = "org.blobarena.format";
    private static final String INDEX = "org.blobarena.index";
    private static final String CHRONICLE = "org.blobarena.index.chronicle";
    private static final String STORE = "org.blobarena.store";
    private static final String CACHE = "org.blobarena.cache";
    private static final String CLI = "org.blobarena.cli";

    /** From the top to the bottom. */
    private static final List<String> STAGES = List.of(
            STORE,
            "org.blobarena.store.internal.engine",
            "org.blobarena.store.internal.evict",
            "org.blobarena.store.internal.compact",
            "org.blobarena.store.internal.follow",
            "org.blobarena.store.internal.recovery",
            "org.blobarena.store.internal.write",
            "org.blobarena.store.internal.record",
            "org.blobarena.store.internal.core",
            "org.blobarena.store.internal.watch",
            "org.blobarena.store.api");

    /** A class of one package that depends on one of another, which a rule forbids. */
    private record Offence(String user, String used) {

        String offender() {
            return "Uses_" + used.replace('.', '_');
        }
    }

    private static final Map<String, List<Offence>> OFFENCES = Map.ofEntries(
            entry("arenaNeedsTheJdkAlone", offences(ARENA, INDEX, STORE, "org.slf4j")),
            entry("formatUsesArena", offences(FORMAT, INDEX, STORE, CLI)),
            entry("indexUsesArena", offences(INDEX, FORMAT, STORE, CLI)),
            entry(
                    "oneMapKnowsNothingOfTheIndexThatReplacesIt",
                    offences("org.blobarena.index.chronicle.map", CHRONICLE, STORE)),
            entry(
                    "whatIsReadyBeforeTheFirstMapKnowsNoMap",
                    offences("org.blobarena.index.chronicle.runtime", CHRONICLE, "org.blobarena.index.chronicle.map")),
            entry("storeUsesArenaFormatAndIndex", offences(STORE, CACHE, CLI)),
            entry("cacheUsesStoreArenaFormatAndIndex", offences(CACHE, CLI)),
            entry(
                    "contentUsesWhatUsersOfTheStoreMay",
                    offences(
                            "org.blobarena.content",
                            "org.blobarena.store.internal.engine",
                            "org.blobarena.arena.internal.io",
                            FORMAT,
                            INDEX)),
            entry("jcacheUsesWhatUsersOfTheCacheMay", integration("org.blobarena.jcache")),
            entry("springUsesWhatUsersOfTheCacheMay", integration("org.blobarena.spring")),
            entry("httpclientUsesWhatUsersOfTheCacheMay", integration("org.blobarena.httpclient")),
            entry(
                    "objectsUseWhatUsersOfTheStoreMay",
                    offences("org.blobarena.store.objects", STORE, "org.blobarena.store.internal.core", ARENA)),
            entry(
                    "metersUseWhatUsersOfStoreAndCacheMay",
                    offences("org.blobarena.micrometer", "org.blobarena.store.internal.engine", ARENA, FORMAT, INDEX)),
            entry("onlyEventsKnowTheRecorder", offences("org.blobarena.store.internal.core", "jdk.jfr.offence")),
            entry(
                    "infinispanUsesWhatUsersOfTheStoreMay",
                    offences(
                            "org.blobarena.infinispan",
                            "org.blobarena.store.internal.engine",
                            CACHE,
                            "org.blobarena.content",
                            ARENA,
                            FORMAT,
                            INDEX)),
            entry("cliUsesStoreContentAndArena", offences(CLI, FORMAT, INDEX)),
            entry("storeIsStageOverStage", upwards()),
            entry(
                    "noPackagesInACircle",
                    List.of(
                            new Offence("org.blobarena.one", "org.blobarena.two"),
                            new Offence("org.blobarena.two", "org.blobarena.one"))),
            entry("onlyItsIndexKnowsChronicle", offences(STORE, "net.openhft.chronicle.map")),
            entry("onlyStoreAndFormatHash", offences(INDEX, "com.dynatrace.hash4j.hashing")),
            entry(
                    "onlyContextsOfZstdKnowZstd",
                    offences("org.blobarena.store.internal.record", "com.github.luben.zstd")));

    @TempDir
    private Path directory;

    private static List<Offence> offences(String user, String... used) {
        return Arrays.stream(used).map(each -> new Offence(user, each)).toList();
    }

    private static List<Offence> integration(String user) {
        return offences(user, STORE, "org.blobarena.store.internal.engine", ARENA, FORMAT, INDEX);
    }

    /** Every stage uses every stage above it. */
    private static List<Offence> upwards() {
        return IntStream.range(0, STAGES.size())
                .boxed()
                .flatMap(stage -> STAGES.subList(0, stage).stream().map(above -> new Offence(STAGES.get(stage), above)))
                .toList();
    }

    static Stream<String> rules() {
        return Arrays.stream(ArchitectureTest.class.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(ArchTest.class))
                .map(field -> field.getName());
    }

    @Test
    void offencesAreThoseOfTheRulesThatThereAre() {
        assertThat(OFFENCES.keySet()).containsExactlyInAnyOrderElementsOf(rules().toList());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void ruleReportsEveryClassThatBreaksIt(String name) throws Exception {
        List<Offence> offences = OFFENCES.getOrDefault(name, List.of());
        compile(offences);
        ArchRule rule = (ArchRule) ArchitectureTest.class.getDeclaredField(name).get(null);

        String report = String.join(
                "\n",
                rule.evaluate(new ClassFileImporter().importPath(directory))
                        .getFailureReport()
                        .getDetails());
        assertThat(offences)
                .isNotEmpty()
                .allSatisfy(offence -> assertThat(report).contains(offence.user + "." + offence.offender()));
    }

    private void compile(List<Offence> offences) throws IOException {
        Set<String> packages = new LinkedHashSet<>();
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", directory.toString()));
        for (Offence offence : offences) {
            packages.add(offence.used);
            arguments.add(write(offence.user, offence.offender(), offence.used + ".Used used;"));
        }
        for (String used : packages) {
            arguments.add(write(used, "Used", ""));
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(status).isZero();
    }

    private String write(String packageName, String type, String body) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(packageName.replace('.', '/')));
        Path file = folder.resolve(type + ".java");
        return Files.writeString(file, "package %s; public class %s { %s }".formatted(packageName, type, body))
                .toString();
    }
}
