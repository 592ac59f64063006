package org.blobarena.store.internal.watch;

import java.nio.file.Path;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/** What all events have. Who begins one sets its fields and ends it. */
@Category("BlobArena")
@StackTrace(false)
public abstract class StoreEvent extends Event {

    @Label("Store")
    @Description("The directory of the store")
    String store = "";

    StoreEvent() {}

    /** Ends it, and records it if that is wanted. */
    public final void ended(Path directory) {
        end();
        if (shouldCommit()) {
            store = directory.toString();
            commit();
        }
    }
}
