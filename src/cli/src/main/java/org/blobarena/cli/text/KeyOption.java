package org.blobarena.cli.text;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option of commands that take or print keys that says what their text stands for. */
public final class KeyOption {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            description =
                    "What the text of a key stands for: utf8 (its bytes), hex (two digits for each byte), long (eight bytes, as "
                            + "programs have it) or uuid (sixteen bytes). utf8 when not given.")
    private KeyType type = KeyType.UTF8;

    /** Returns the key that an argument says. */
    public Key key(Key argument) {
        try {
            return type.key(argument.text());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "'" + Shown.shortly(argument) + "' is no key of the type " + type);
        }
    }

    /** Returns the beginning of keys that an argument says: any bytes, or a whole key. */
    public Key prefix(Key argument) {
        return argument.bytes().length == 0 ? argument : key(argument);
    }

    /** Returns the text of a key, as the bytes of another; null when it has none. */
    public @Nullable Key text(Key key) {
        String text = type.text(key);
        return text == null ? null : Key.of(text);
    }

    @Override
    public String toString() {
        return type.toString();
    }
}
