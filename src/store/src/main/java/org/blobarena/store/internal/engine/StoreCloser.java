package org.blobarena.store.internal.engine;

import java.io.IOException;
import java.lang.ref.Reference;
import java.util.concurrent.locks.ReentrantLock;
import org.blobarena.store.internal.core.leak.Watched;

/**
 * Closes an open store, once, behind the operations in flight; or when nobody can use it any more. Whoever can, as by a view,
 * a map, an iterator or a stream, reaches the gate.
 */
public final class StoreCloser {

    private final OperationGate gate;
    private final ClosingSteps steps;
    private final Watched watched;
    private final ReentrantLock closing = new ReentrantLock();

    StoreCloser(OperationGate gate, ClosingSteps steps) {
        this.gate = gate;
        this.steps = steps;
        this.watched = gate.watch(gate, () -> "the store at " + steps.path(), steps);
    }

    /** A second caller waits as well: when this returns, the store can be opened again. */
    void close() throws IOException {
        OperationGate.requireRoom();
        closing.lock();
        try {
            if (gate.close() && watched.end()) {
                steps.close();
            }
        } finally {
            closing.unlock();
            Reference.reachabilityFence(gate); // Or it might count as leaked between the two.
        }
    }

    /** See {@link ClosingSteps#crash}. For tests. */
    void crash() throws IOException {
        try {
            if (gate.close() && watched.end()) {
                steps.crash();
            }
        } finally {
            Reference.reachabilityFence(gate);
        }
    }
}
