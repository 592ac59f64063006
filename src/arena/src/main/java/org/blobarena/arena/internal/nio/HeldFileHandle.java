package org.blobarena.arena.internal.nio;

import java.io.IOException;
import org.blobarena.arena.internal.io.Directory;
import org.blobarena.arena.internal.io.FileHandle;
import org.blobarena.arena.internal.io.ForwardingFileHandle;

/**
 * A file of a directory that may be locked: what it forces counts for good, so before that the directory must be this
 * process's still.
 */
final class HeldFileHandle extends ForwardingFileHandle {

    private final Directory directory;

    HeldFileHandle(FileHandle handle, Directory directory) {
        super(handle);
        this.directory = directory;
    }

    @Override
    public void force() throws IOException {
        directory.requireHeld();
        super.force();
    }
}
