package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** An opening has made the index anew. */
@Name("org.blobarena.Recovery")
@Label("Recovery")
@Description("An opening after a crash, or without a usable index, has made the index anew")
public final class RecoveryEvent extends StoreEvent {

    @Label("Keys")
    public long keys;

    @Label("Arena Files")
    public int files;

    @Label("Torn Bytes")
    @Description("Unfinished writes, which were cut")
    @DataAmount
    public long tornBytes;

    private RecoveryEvent() {}

    public static RecoveryEvent begun() {
        RecoveryEvent event = new RecoveryEvent();
        event.begin();
        return event;
    }
}
