import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes what goes beside the program of the command line: a page of the manual for each command, for man, and the script
 * that completes commands and options in bash and zsh. Both say what --help says, since they are made of the same model.
 *
 * <p>Run by the build as a single-file program, with the command line on its class path; the argument is the directory for
 * the folders {@code man1} and {@code completion}.
 */
public final class ManPages {

    private static final String MAIN = "org.blobarena.cli.Main";

    private ManPages() {}

    public static void main(String[] args) throws Exception {
        CommandLine root = new CommandLine(Class.forName(MAIN), ManPages::make);
        Path directory = Path.of(args[0]);
        Path pages = Files.createDirectories(directory.resolve("man1"));
        write(pages, root, root);
        for (CommandLine command : root.getSubcommands().values()) {
            write(pages, root, command);
        }
        Path completion = Files.createDirectories(directory.resolve("completion"));
        Files.writeString(completion.resolve(root.getCommandName()), AutoComplete.bash(root.getCommandName(), root));
    }

    /** Commands are only looked at, so they need nothing of what they are made with. */
    private static <T> T make(Class<T> type) throws Exception {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        return type.cast(constructor.newInstance(new Object[constructor.getParameterCount()]));
    }

    private static void write(Path pages, CommandLine root, CommandLine command) throws IOException {
        CommandSpec spec = command.getCommandSpec();
        String name = spec.qualifiedName("-");
        Help help = new Help(spec, Help.defaultColorScheme(Ansi.OFF));
        List<String> lines = new ArrayList<>();
        lines.add(".TH " + quoted(name) + " 1");
        section(
                lines,
                "NAME",
                List.of(name + " - " + formatted(spec.usageMessage().description()[0])));
        section(lines, "SYNOPSIS", List.of(help.synopsis(0).strip().replaceAll("\\s+", " ")));
        section(lines, "DESCRIPTION", List.of());
        for (String paragraph : spec.usageMessage().description()) {
            lines.add(".PP");
            lines.add(escaped(formatted(paragraph)));
        }
        if (!spec.positionalParameters().isEmpty()) {
            section(lines, "ARGUMENTS", List.of());
            for (PositionalParamSpec parameter : spec.positionalParameters()) {
                term(lines, parameter.paramLabel(), parameter.description());
            }
        }
        section(lines, "OPTIONS", List.of());
        for (OptionSpec option : spec.options()) {
            String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            term(lines, String.join(", ", option.names()) + label, described(option));
        }
        if (command == root) {
            section(lines, "COMMANDS", List.of());
            for (Map.Entry<String, CommandLine> other : root.getSubcommands().entrySet()) {
                CommandSpec its = other.getValue().getCommandSpec();
                term(lines, its.qualifiedName("-") + "(1)", its.usageMessage().description()[0]);
            }
        }
        section(lines, "EXIT STATUS", List.of());
        root.getCommandSpec().usageMessage().exitCodeList().forEach((status, meaning) -> term(lines, status, meaning));
        Files.write(pages.resolve(name + ".1"), lines);
    }

    private static String[] described(OptionSpec option) {
        return Arrays.stream(option.description())
                .map(text -> text.replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue())))
                .toArray(String[]::new);
    }

    private static void section(List<String> lines, String title, List<String> text) {
        lines.add(".SH " + quoted(title));
        text.forEach(line -> lines.add(escaped(line)));
    }

    private static void term(List<String> lines, String term, String... description) {
        lines.add(".TP");
        lines.add("\\fB" + escaped(term) + "\\fR");
        for (String text : description) {
            lines.add(escaped(formatted(text)));
        }
    }

    /** As picocli prints it: a percent sign stands twice, and a line end as %n. */
    private static String formatted(String text) {
        return text.replace("%n", " ").replace("%%", "%").replaceAll("\\$\\{[^:}]*:-([^}]*)}", "$1");
    }

    /** Text in which nothing is a request or an escape of roff. */
    private static String escaped(String text) {
        String safe = text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti");
        return safe.startsWith(".") ? "\\&" + safe : safe;
    }

    private static String quoted(String text) {
        return '"' + text.replace("-", "\\-") + '"';
    }
}
