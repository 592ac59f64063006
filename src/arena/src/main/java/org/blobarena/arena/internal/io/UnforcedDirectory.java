package org.blobarena.arena.internal.io;

import java.io.IOException;

/** A directory of files that nobody wants after the end of the process, so that neither they nor its names are forced. */
public final class UnforcedDirectory extends ForwardingDirectory {

    /**
     * Passes on everything but forces.
     *
     * @param delegate the other one
     */
    public UnforcedDirectory(Directory delegate) {
        super(delegate);
    }

    @Override
    public FileHandle create(String name) throws IOException {
        return new UnforcedFileHandle(super.create(name));
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return new UnforcedFileHandle(super.openWrite(name));
    }

    @Override
    public void force() {
        // Nobody opens the directory again but to delete it.
    }

    private static final class UnforcedFileHandle extends ForwardingFileHandle {

        private UnforcedFileHandle(FileHandle handle) {
            super(handle);
        }

        @Override
        public void force() {
            // As above.
        }
    }
}
