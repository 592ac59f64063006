package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A cache has evicted a file. */
@Name("org.blobarena.FileEviction")
@Label("File Eviction")
@Description("A cache has evicted an arena file")
public final class EvictionEvent extends StoreEvent {

    @Label("File")
    public String file = "";

    @Label("Length")
    @DataAmount
    public long bytes;

    @Label("Evicted Blobs")
    public long evicted;

    @Label("Evicted Bytes")
    @DataAmount
    public long evictedBytes;

    @Label("Reinserted Blobs")
    @Description("Those that were used, and written again")
    public long reinserted;

    @Label("Reinserted Bytes")
    @DataAmount
    public long reinsertedBytes;

    private EvictionEvent() {}

    public static EvictionEvent begun() {
        EvictionEvent event = new EvictionEvent();
        event.begin();
        return event;
    }
}
