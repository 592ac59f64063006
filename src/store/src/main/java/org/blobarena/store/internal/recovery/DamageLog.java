package org.blobarena.store.internal.recovery;

import java.util.ArrayList;
import java.util.List;
import org.blobarena.store.api.Damage;
import org.blobarena.store.internal.core.StoreFile;

/** Collects damage: the first places, and the number of all, so that a ruined file cannot fill the memory. */
public final class DamageLog {

    private static final int PLACES_MAX = 1000;

    private final List<Damage> places = new ArrayList<>();
    private long count;

    void add(StoreFile file, long offset, String problem) {
        add(new Damage(file.path(), offset, problem));
    }

    void add(Damage damage) {
        count++;
        if (places.size() < PLACES_MAX) {
            places.add(damage);
        }
    }

    public List<Damage> places() {
        return List.copyOf(places);
    }

    long count() {
        return count;
    }
}
