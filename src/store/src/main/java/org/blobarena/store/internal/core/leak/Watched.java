package org.blobarena.store.internal.core.leak;

import java.io.Closeable;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something that is open, and is closed once: by who has it, or by the watch when nobody has it any more. Safe from any thread. */
public final class Watched extends PhantomReference<Object> {

    private final LeakWatch watch;
    private final @Nullable Supplier<String> name;
    private final Closeable closing;
    private final @Nullable Throwable opened;
    private final AtomicBoolean ended = new AtomicBoolean();

    Watched(
            LeakWatch watch,
            ReferenceQueue<Object> queue,
            Object owner,
            @Nullable Supplier<String> name,
            Closeable closing,
            @Nullable Throwable opened) {
        super(owner, queue);
        this.watch = watch;
        this.name = name;
        this.closing = closing;
        this.opened = opened;
    }

    /**
     * Watches no more.
     *
     * @return true for the first caller, who closes it; false if it is closed already, or is being closed
     */
    public boolean end() {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        clear();
        watch.forget(this);
        return true;
    }

    /** What it is, to be told of; null for what nobody is expected to close. */
    @Nullable Supplier<String> name() {
        return name;
    }

    Closeable closing() {
        return closing;
    }

    /** Where it was opened, if anybody wants to know. */
    @Nullable Throwable opened() {
        return opened;
    }
}
