package org.blobarena;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.apache.hc.client5.http.impl.cache.CacheConfig;
import org.blobarena.arena.DescriptorBudget;
import org.blobarena.cli.Main;
import org.blobarena.store.BlobStore;
import org.blobarena.store.BlobStoreBuilder;
import org.blobarena.store.api.KeyCodec;
import org.blobarena.store.api.StoreStats;
import org.infinispan.configuration.cache.StateTransferConfigurationBuilder;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the pages say is there: the pages that they link to, the tests that they cite, and what they name of the code. */
class PagesTest {

    private static final int README_WORDS_MAX = 700;
    private static final int PAGE_WORDS_MAX = 1500;

    private static final Pattern TEST = Pattern.compile("(?<![\\w.])[A-Z]\\w*Test\\b");
    private static final Pattern TYPE = Pattern.compile("(?<![\\w.])[A-Z][A-Z]?[a-z]\\w*");
    private static final Pattern MEMBER = Pattern.compile("\\b[a-z]+(?=\\()|\\b[a-z]+[A-Z]\\w*");
    private static final Pattern OPTION = Pattern.compile("--[a-z-]+");
    private static final Pattern METER = Pattern.compile("meters\\.\\w+\\(\\s*\"([a-z.]+)\"");
    private static final Pattern EVENT = Pattern.compile("@Name\\(\"([\\w.]+)\"");
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d,.]*");
    private static final List<String> PACKAGES = List.of(
            "java.io.",
            "java.lang.",
            "java.nio.",
            "java.nio.file.",
            "java.util.",
            "java.util.concurrent.",
            "javax.cache.",
            "javax.cache.spi.",
            "io.micrometer.core.instrument.",
            "io.micrometer.core.instrument.simple.",
            "org.springframework.cache.annotation.",
            "org.springframework.cache.interceptor.",
            "sun.misc.");

    @Test
    void readmeIsOnePageAndNoPageIsLong() throws IOException {
        for (Page page : Page.all()) {
            boolean readme = page.file().equals(Page.README);
            assertThat(page.words()).as(page.name()).isLessThanOrEqualTo(readme ? README_WORDS_MAX : PAGE_WORDS_MAX);
        }
        Page readme = Page.read(Page.README);
        assertThat(readme.rowsWith("guaranteed")).hasSize(10).allMatch(row -> row.size() == 2);
        assertThat(readme.rowsWith("measured")).hasSize(5);
    }

    @Test
    void everyRelativeLinkLeadsSomewhereAndEveryPageIsReachedFromTheReadme() throws IOException {
        for (Page page : Page.all()) {
            for (String link : page.links()) {
                if (!link.contains("://")) {
                    checkLink(page, link);
                }
            }
        }
        Set<Path> reached = new LinkedHashSet<>(Set.of(Page.README));
        Deque<Path> waiting = new ArrayDeque<>(reached);
        while (!waiting.isEmpty()) {
            Path from = waiting.remove();
            for (String link : Page.read(from).links()) {
                Path target = from.resolveSibling(link.replaceFirst("#.*", "")).normalize();
                if (target.toString().endsWith(".md") && Files.exists(target) && reached.add(target)) {
                    waiting.add(target);
                }
            }
        }
        assertThat(reached).containsAll(Page.all().stream().map(Page::file).toList());
    }

    private static void checkLink(Page page, String link) {
        int hash = (link + "#").indexOf('#');
        Path target = page.file().resolveSibling(link.substring(0, hash)).normalize();
        if (hash == 0) {
            target = page.file();
        }
        assertThat(target).as("%s links to %s", page.file(), link).exists();
        if (hash < link.length()) {
            assertThat(Page.read(target).anchors())
                    .as("%s links to %s", page.file(), link)
                    .contains(link.substring(hash + 1));
        }
    }

    @Test
    void everyPromiseCitesATestAndEveryTestCitedIsThere() throws IOException {
        Set<String> classes = Sources.classes();
        int promises = 0;
        for (Page page : Page.all()) {
            for (List<String> row : page.rowsWith("tests")) {
                assertThat(found(TEST, row.get(0))).as(row.toString()).isNotEmpty();
                promises++;
            }
            for (String code : page.code()) {
                assertThat(found(TEST, code)).as(page.name()).allMatch(classes::contains);
            }
        }
        assertThat(promises).isGreaterThan(40);
        assertThat(Page.named("guarantees.md").rowsWith("what is promised").size())
                .isEqualTo(Page.named("guarantees.md").rowsWith("tests").size());
    }

    @Test
    void whatThePagesNameOfTheCodeIsThere() throws IOException {
        Set<String> classes = Sources.classes();
        Set<String> members = Sources.publicMembers();
        for (Class<?> type : List.of(
                Thread.class,
                Cache.class,
                CacheManager.class,
                CacheConfig.Builder.class,
                StateTransferConfigurationBuilder.class,
                org.hibernate.Cache.class,
                org.infinispan.Cache.class)) {
            for (Method method : type.getMethods()) {
                members.add(method.getName());
            }
        }
        for (Page page : Page.all()) {
            for (String code : page.code()) {
                if (!code.startsWith("-") && !code.contains("tools/") && !code.startsWith("mvn")) {
                    assertThat(found(TYPE, code))
                            .as(page.name())
                            .allMatch(type -> classes.contains(type) || isOfTheJdk(type));
                    assertThat(found(MEMBER, code)).as(page.name()).allMatch(members::contains);
                }
            }
        }
        for (List<String> row : Page.named("using.md").rowsWith("call")) {
            assertThat(lowerCase(row.get(0))).allMatch(members::contains);
        }
        for (List<String> row : Page.named("operations.md").rowsWith("figure")) {
            assertThat(lowerCase(row.get(0))).allMatch(members::contains);
        }
    }

    private static List<String> lowerCase(String cell) {
        return Page.code(cell).stream()
                .filter(code -> code.matches("[a-z]\\w*"))
                .toList();
    }

    private static boolean isOfTheJdk(String type) {
        return PACKAGES.stream().anyMatch(name -> {
            try {
                Class.forName(name + type, false, PagesTest.class.getClassLoader());
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        });
    }

    @Test
    void everyFigureOfAStoreIsExplained() {
        Set<String> explained = new TreeSet<>();
        for (List<String> row : Page.named("operations.md").rowsWith("figure")) {
            explained.addAll(found(Pattern.compile("\\w+"), row.get(0)));
        }
        assertThat(StoreStats.class.getRecordComponents())
                .extracting(RecordComponent::getName)
                .isSubsetOf(explained);
    }

    @Test
    void everyMeterAndEveryEventIsExplainedAndNoOther() throws IOException {
        Page page = Page.named("monitoring.md");
        assertThat(firstCells(page, "meter")).isEqualTo(named("Metrics.java", METER));
        assertThat(firstCells(page, "event")).isEqualTo(named("Event.java", EVENT));
    }

    private static Set<String> firstCells(Page page, String header) {
        return page.rowsWith(header).stream()
                .map(row -> row.get(0).replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What a pattern finds in the classes whose names end so. */
    private static Set<String> named(String ending, Pattern name) throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path file : Sources.java()) {
            if (file.toString().contains("main") && file.toString().endsWith(ending)) {
                name.matcher(Sources.text(file)).results().forEach(found -> names.add(found.group(1)));
            }
        }
        return names;
    }

    @Test
    void everyOptionOfAStoreIsExplainedWithItsDefault() throws Exception {
        List<List<String>> rows = Page.named("tuning.md").rowsWith("option");
        assertThat(rows)
                .extracting(row -> row.get(0).replace("`", ""))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(BlobStoreBuilder.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> method.getReturnType() == BlobStoreBuilder.class)
                        .map(Method::getName)
                        .toList());
        BlobStoreBuilder<byte[]> builder = BlobStore.builder(KeyCodec.bytes());
        for (List<String> row : rows) {
            if (row.get(1).matches("[A-Z`\\d.]+( [KG]iB)?|true")) {
                Field field = BlobStoreBuilder.class.getDeclaredField(row.get(0).replace("`", ""));
                field.setAccessible(true);
                assertThat(value(row.get(1))).as(row.get(0)).isEqualTo(text(field.get(builder)));
            }
        }
        String tuning = Page.named("tuning.md").text();
        assertThat(tuning).contains(BlobStore.FILES_BEYOND_BOUND + " files of the greatest length");
        assertThat(tuning).contains(DescriptorBudget.SHARED_MAX + " for the process");
    }

    private static String text(Object value) {
        return value instanceof Double share ? "%.2f".formatted(share) : value.toString();
    }

    private static String value(String cell) {
        String value = cell.replace("`", "");
        String[] words = value.split(" ", -1);
        if (words.length == 1) {
            return value;
        }
        return String.valueOf(Long.parseLong(words[0]) << (words[1].equals("GiB") ? 30 : 10));
    }

    @Test
    void everyCommandAndOptionIsExplainedAndNoOther() {
        Command main = Main.class.getAnnotation(Command.class);
        Page page = Page.named("command-line.md");
        assertThat(page.rowsWith("command").stream().map(row -> firstWord(row.get(0))))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(main.subcommands()).map(PagesTest::name).toList());
        Set<String> options = new TreeSet<>();
        for (String option : options(Main.class)) {
            options.add(option + " of all");
        }
        for (Class<?> command : main.subcommands()) {
            for (String option : options(command)) {
                options.add(option + " of " + name(command));
            }
        }
        Set<String> explained = new TreeSet<>();
        for (List<String> row : page.rowsWith("option")) {
            for (String command : row.get(1).replace("`", "").split(", ", -1)) {
                explained.add(firstWord(row.get(0)) + " of " + command);
            }
        }
        assertThat(explained).isEqualTo(options);
        assertThat(page.rowsWith("status").stream().map(row -> row.get(0)))
                .containsExactlyElementsOf(Arrays.stream(main.exitCodeList())
                        .map(status -> status.substring(0, status.indexOf(':')))
                        .toList());
    }

    private static String firstWord(String cell) {
        return cell.replace("`", "").split(" ", -1)[0];
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    /** The long names of the options that a command declares, also by what it mixes in. */
    private static Set<String> options(Class<?> command) {
        Set<String> options = new TreeSet<>();
        for (Field field : command.getDeclaredFields()) {
            Option option = field.getAnnotation(Option.class);
            if (option != null) {
                Stream.of(option.names())
                        .filter(name -> OPTION.matcher(name).matches())
                        .forEach(options::add);
            } else if (field.isAnnotationPresent(Mixin.class)) {
                options.addAll(options(field.getType()));
            }
        }
        return options;
    }

    @Test
    void everyNumberMeasuredInTheReadmeStandsAmongTheMeasurements() {
        String measurements = Page.named("performance.md").text();
        for (List<String> row : Page.read(Page.README).rowsWith("measured")) {
            for (String number : found(NUMBER, row.get(1))) {
                assertThat(measurements).contains(number);
            }
        }
    }

    @Test
    void artifactsAreThoseOfTheBuild() throws IOException {
        Set<String> artifacts = Sources.artifacts();
        for (String page : List.of("embedding.md", "building.md")) {
            for (List<String> row : Page.named(page).rowsWith("artifact")) {
                assertThat(Page.code(row.get(0)).get(0)).isIn(artifacts);
            }
        }
        for (List<String> row : Page.named("building.md").rowsWith("folder")) {
            assertThat(Path.of(row.get(0).replace("`", ""))).isDirectory();
        }
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).toList();
    }
}
