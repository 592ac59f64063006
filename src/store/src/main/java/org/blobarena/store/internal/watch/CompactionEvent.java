package org.blobarena.store.internal.watch;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Compaction has replaced some files. */
@Name("org.blobarena.CompactionRound")
@Label("Compaction Round")
@Description("Compaction has copied what is live of some files, and replaced them")
public final class CompactionEvent extends StoreEvent {

    @Label("Victims")
    @Description("The number of files that were replaced")
    public int victims;

    @Label("Bytes Read")
    @DataAmount
    public long bytesRead;

    @Label("Bytes Copied")
    @Description("Those of records")
    @DataAmount
    public long bytesCopied;

    @Label("Bytes Written")
    @Description("The length of the new files")
    @DataAmount
    public long bytesWritten;

    @Label("Bytes Freed")
    @Description("The length of the victims")
    @DataAmount
    public long bytesFreed;

    private CompactionEvent() {}

    public static CompactionEvent begun() {
        CompactionEvent event = new CompactionEvent();
        event.begin();
        return event;
    }
}
