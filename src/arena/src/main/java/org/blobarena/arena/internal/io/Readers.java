package org.blobarena.arena.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may read something beside its owner, and so may read what is made of it.
 *
 * @param group whether its group may
 * @param others whether everybody may
 */
public record Readers(boolean group, boolean others) {

    private static final Readers NOBODY_ELSE = new Readers(false, false);

    /**
     * Returns who can read a file, which takes the right to pass its directory too. Nobody but the owner where that
     * cannot be found out.
     *
     * @param file a file
     * @return its readers
     */
    public static Readers of(Path file) {
        try {
            Set<PosixFilePermission> own = Files.getPosixFilePermissions(file);
            Set<PosixFilePermission> above = Files.getPosixFilePermissions(file.resolveSibling(""));
            return new Readers(
                    own.contains(PosixFilePermission.GROUP_READ) && above.contains(PosixFilePermission.GROUP_EXECUTE),
                    own.contains(PosixFilePermission.OTHERS_READ)
                            && above.contains(PosixFilePermission.OTHERS_EXECUTE));
        } catch (IOException | UnsupportedOperationException e) {
            return NOBODY_ELSE;
        }
    }

    /**
     * Returns what a new file may be, for calls that create one; the process's mask takes away from it.
     *
     * @return the permissions
     */
    public FileAttribute<Set<PosixFilePermission>> ofNewFile() {
        Set<PosixFilePermission> permissions =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if (group) {
            permissions.add(PosixFilePermission.GROUP_READ);
            permissions.add(PosixFilePermission.GROUP_WRITE);
        }
        if (others) {
            permissions.add(PosixFilePermission.OTHERS_READ);
            permissions.add(PosixFilePermission.OTHERS_WRITE);
        }
        return PosixFilePermissions.asFileAttribute(permissions);
    }

    /**
     * Returns what a new directory may be, for calls that create one; the process's mask takes away from it.
     *
     * @return the permissions
     */
    public FileAttribute<Set<PosixFilePermission>> ofNewDirectory() {
        Set<PosixFilePermission> permissions = EnumSet.allOf(PosixFilePermission.class);
        if (!group) {
            permissions.removeIf(permission -> permission.name().startsWith("GROUP"));
        }
        if (!others) {
            permissions.removeIf(permission -> permission.name().startsWith("OTHERS"));
        }
        return PosixFilePermissions.asFileAttribute(permissions);
    }
}
