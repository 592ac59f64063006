package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A file was forced. */
@Name("org.blobarena.Force")
@Label("Force")
@Description("A thread has waited until a file was on the device; threads share forces")
public final class ForceEvent extends StoreEvent {

    @Label("File")
    public String file = "";

    @Label("Bytes")
    @Description("What was not on the device before")
    @DataAmount
    public long bytes;

    private ForceEvent() {}

    public static ForceEvent begun() {
        ForceEvent event = new ForceEvent();
        event.begin();
        return event;
    }
}
