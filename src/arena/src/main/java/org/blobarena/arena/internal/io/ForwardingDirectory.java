package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A directory that passes everything on to another one; a subclass changes what it overrides. */
public abstract class ForwardingDirectory implements Directory {

    private final Directory delegate;

    /**
     * Passes on to a directory.
     *
     * @param delegate the other one
     */
    protected ForwardingDirectory(Directory delegate) {
        this.delegate = delegate;
    }

    @Override
    public Path path() {
        return delegate.path();
    }

    @Override
    public FileHandle create(String name) throws IOException {
        return delegate.create(name);
    }

    @Override
    public FileHandle openRead(String name) throws IOException {
        return delegate.openRead(name);
    }

    @Override
    public FileHandle openHeld(String name) throws IOException {
        return delegate.openHeld(name);
    }

    @Override
    public FileHandle openMapped(String name, long bytes) throws IOException {
        return delegate.openMapped(name, bytes);
    }

    @Override
    public FileHandle openWrite(String name) throws IOException {
        return delegate.openWrite(name);
    }

    @Override
    public List<String> list() throws IOException {
        return delegate.list();
    }

    @Override
    public List<String> listOthers() throws IOException {
        return delegate.listOthers();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        delegate.rename(from, to);
    }

    @Override
    public boolean link(String name, Directory target) throws IOException {
        return delegate.link(name, target);
    }

    @Override
    public int links(String name) throws IOException {
        return delegate.links(name);
    }

    @Override
    public void delete(String name) throws IOException {
        delegate.delete(name);
    }

    @Override
    public void force() throws IOException {
        delegate.force();
    }

    @Override
    public long usableBytes() {
        return delegate.usableBytes();
    }

    @Override
    public DirectoryLock lock(String name) throws IOException {
        return delegate.lock(name);
    }

    @Override
    public void requireHeld() throws IOException {
        delegate.requireHeld();
    }
}
