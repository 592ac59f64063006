package org.blobarena.store.internal.watch;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A store has begun another file. */
@Name("org.blobarena.FileRoll")
@Label("File Roll")
@Description("Another arena file was begun")
public final class RollEvent extends StoreEvent {

    @Label("File")
    public String file = "";

    @Label("Kept")
    @Description("Whether it is for blobs that an eviction writes again")
    public boolean kept;

    private RollEvent() {}

    public static RollEvent begun() {
        RollEvent event = new RollEvent();
        event.begin();
        return event;
    }
}
