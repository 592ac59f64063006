package org.blobarena.store.internal.recovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.format.FormatException;
import org.blobarena.store.internal.core.RecoveredFiles;
import org.blobarena.store.internal.core.StoreContext;
import org.blobarena.store.internal.core.StoreFile;
import org.blobarena.store.internal.record.SealedFileReader;

/** Deletes, when a store is recovered, the files that sealed ones name as replaced: a crash has spared them. */
final class Lineages {

    private final StoreContext store;
    private final DamageLog damage;
    private long idMax;

    Lineages(StoreContext store, DamageLog damage) {
        this.store = store;
        this.damage = damage;
    }

    /** Returns the greatest id that a lineage names: none of them may be used again. */
    long idMax() {
        return idMax;
    }

    /** Takes replaced files out of the store's table and off the device. */
    void apply() throws IOException {
        List<StoreFile> replaced = new ArrayList<>();
        for (StoreFile file : store.files().all()) {
            if (file.isSealed() && file.content().lineage().length() > 0) {
                List<StoreFile> own = replacedBy(file);
                if (!own.isEmpty()) {
                    putOnDevice(file);
                    replaced.addAll(own);
                }
            }
        }
        for (StoreFile file : replaced) {
            store.files().remove(file);
            file.arena().close();
            store.directory().delete(file.name());
        }
        if (!replaced.isEmpty()) {
            store.directory().force();
        }
    }

    private List<StoreFile> replacedBy(StoreFile file) throws IOException {
        List<StoreFile> present = new ArrayList<>();
        try {
            for (long id : SealedFileReader.lineage(file).fileIds()) {
                idMax = Math.max(idMax, id);
                StoreFile replaced = store.files().get(id);
                if (replaced != null) {
                    present.add(replaced);
                }
            }
        } catch (FormatException e) {
            damage.add(file, file.content().lineage().offset(), "lineage: " + e.getMessage());
        }
        return present;
    }

    /**
     * The process that sealed it may have died before the device had the footer, or could not force it. What it replaces
     * must not go before, so one that is linked is copied.
     */
    private void putOnDevice(StoreFile file) throws IOException {
        store.reserve().retryWithoutReserve(() -> {
            if (!RecoveredFiles.replaceIfLinked(
                    store.directory(), file.id(), file.arena().length())) {
                RecoveredFiles.writeAgain(store.directory(), file.name(), Recovery.footer(file), store.refusal());
            }
            return file;
        });
        store.directory().force();
    }
}
