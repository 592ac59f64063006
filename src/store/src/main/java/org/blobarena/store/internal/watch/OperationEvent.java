package org.blobarena.store.internal.watch;

import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** A get, put or removal took long. */
@Name("org.blobarena.SlowOperation")
@Label("Slow Operation")
@Description("A get, put or removal took longer than the threshold")
@StackTrace
@Threshold(OperationEvent.THRESHOLD)
public final class OperationEvent extends StoreEvent {

    static final String THRESHOLD = "20 ms";

    private static final EventType TYPE = EventType.getEventType(OperationEvent.class);

    @Label("Operation")
    @Description("get, put, remove or batch")
    final String operation;

    private OperationEvent(String operation) {
        this.operation = operation;
    }

    /**
     * Begins one, or returns null if a recording has run and none records it now: what reads allocates nothing then.
     *
     * @param operation its name
     */
    public static @Nullable OperationEvent begun(String operation) {
        if (!TYPE.isEnabled()) {
            return null;
        }
        OperationEvent event = new OperationEvent(operation);
        event.begin();
        return event;
    }
}
