package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A store was opened. */
@Name("org.blobarena.StoreOpen")
@Label("Store Open")
@Description("A store, a cache or a reader was opened")
public final class OpenEvent extends StoreEvent {

    @Label("Read Only")
    public boolean readOnly;

    @Label("Clean")
    @Description("Whether the store had been closed, or is new")
    public boolean clean;

    @Label("Keys")
    public long keys;

    @Label("Arena Files")
    public int files;

    @Label("Index")
    @Description("The kind of the index")
    public String index = "";

    @Label("Torn Bytes")
    @Description("Unfinished writes of a crash, which were cut")
    @DataAmount
    public long tornBytes;

    @Label("Damaged Places")
    public long damageCount;

    private OpenEvent() {}

    public static OpenEvent begun() {
        OpenEvent event = new OpenEvent();
        event.begin();
        return event;
    }
}
