package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A writer has waited for compaction. */
@Name("org.blobarena.WriteThrottle")
@Label("Write Throttle")
@Description("A writer was slowed down because compaction could not keep up")
public final class ThrottleEvent extends StoreEvent {

    @Label("Bytes")
    @Description("What the writer had written")
    @DataAmount
    public long bytes;

    private ThrottleEvent() {}

    public static ThrottleEvent begun() {
        ThrottleEvent event = new ThrottleEvent();
        event.begin();
        return event;
    }
}
