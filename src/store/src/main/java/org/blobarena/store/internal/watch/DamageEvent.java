package org.blobarena.store.internal.watch;

import java.nio.file.Path;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;

/** Damage was found. */
@Name("org.blobarena.Damage")
@Label("Damage")
@Description("Damage was found on disk")
@StackTrace
public final class DamageEvent extends StoreEvent {

    @Label("File")
    String file = "";

    @Label("Offset")
    @Description("Where in the file")
    @DataAmount
    long offset;

    @Label("Problem")
    String problem = "";

    private DamageEvent() {}

    /** Records damage that a read has met. */
    public static void found(CorruptBlobException met) {
        found(new Damage(met.file(), met.offset(), String.valueOf(met.getMessage())));
    }

    /** Records damage. */
    public static void found(Damage damage) {
        DamageEvent event = new DamageEvent();
        Path path = Path.of(damage.file());
        event.file = String.valueOf(path.getFileName());
        event.offset = damage.offset();
        event.problem = damage.problem();
        event.ended(path.resolveSibling(""));
    }
}
