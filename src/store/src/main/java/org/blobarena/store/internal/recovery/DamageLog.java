package org.blobarena.store.internal.recovery;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.api.Damage;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.watch.DamageEvent;
import org.blobarena.store.internal.watch.Recordings;

/** Collects damage: the first places, and the number of all, so that a ruined file cannot fill the memory. */
public final class DamageLog {

    private static final int PLACES_MAX = 1000;

    private final List<Damage> places = new ArrayList<>();
    private long count;

    public void add(StoreFile file, long offset, String problem) {
        add(new Damage(file.path(), offset, problem));
    }

    public void add(Damage damage) {
        count++;
        if (Recordings.mayRun()) {
            DamageEvent.found(damage);
        }
        if (places.size() < PLACES_MAX) {
            places.add(damage);
        }
    }

    /** Takes over what another has. */
    void addAll(DamageLog other) {
        count += other.count;
        places.addAll(other.places.subList(0, Math.min(other.places.size(), PLACES_MAX - places.size())));
    }

    public List<Damage> places() {
        return List.copyOf(places);
    }

    public long count() {
        return count;
    }
}
