package org.blobarena.store.internal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.blobarena.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LoadedClassesTest {

    /** Of this project, but for the classes that the JVM makes of lambdas, and of the libraries that it stands on. */
    private static final Pattern NEEDED =
            Pattern.compile("(org\\.blobarena|net\\.openhft|com\\.dynatrace|com\\.github\\.luben)\\.[^/+]*");

    @TempDir
    Path temporary;

    /** A class whose loading or initialisation fails for want of memory, stack or descriptors is lost for the process. */
    @Test
    @Timeout(120)
    void allClassesAreLoadedOnceTheFirstStoreIsOpen() throws Exception {
        Path log = temporary.resolve("loaded.txt");
        try (ChildJvm child = ChildJvm.start(
                ChildJvm.classPath(),
                List.of("-Xlog:class+load:file=" + log + ":none"),
                LoadingProgram.class,
                temporary.resolve("store"))) {
            child.awaitEnd();
        }
        List<String> loaded = Files.readAllLines(log).stream()
                .map(line -> line.substring(0, (line + " ").indexOf(' ')))
                .toList();
        int open = loaded.indexOf(LoadingProgram.class.getName() + "$Mark");
        assertThat(open).isPositive();
        assertThat(loaded.subList(open + 1, loaded.size()))
                .filteredOn(name -> NEEDED.matcher(name).matches())
                .isEmpty();
        assertThat(loaded)
                .as("nothing is recorded, so that the recorder of the JDK is left alone")
                .noneMatch(name -> name.startsWith("jdk.jfr.internal.") || name.equals("jdk.jfr.Event"));
    }
}
