package org.blobarena.cli.archive;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that says what an import reads and an export writes, where the name does not. */
public final class FormatOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = Format.Converter.class,
            description =
                    "What is read or written: dir, tar, tar.gz, zip, warc or warc.gz. When not given, a directory is "
                            + "dir, and the name of a file says it, where .tgz is tar.gz.")
    private @Nullable Format option;

    /** Returns the format of a path, or null when neither the option nor the name says it. */
    public @Nullable Format format(Path path, boolean directory) {
        if (option != null) {
            return option;
        }
        return directory ? Format.DIR : Format.of(path);
    }

    /** For a standard stream, which has no name. */
    public ParameterException missing() {
        return new ParameterException(spec.commandLine(), "no format: a standard stream has no name, so give --format");
    }
}
