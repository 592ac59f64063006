package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A file was sealed. */
@Name("org.blobarena.FileSeal")
@Label("File Seal")
@Description("An arena file was forced and made immutable")
public final class SealEvent extends StoreEvent {

    @Label("File")
    public String file = "";

    @Label("Length")
    @DataAmount
    public long bytes;

    private SealEvent() {}

    public static SealEvent begun() {
        SealEvent event = new SealEvent();
        event.begin();
        return event;
    }
}
