package org.blobarena.store.internal.record;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An object, equal to whatever is equal to it; arrays are when their content is. */
@SuppressWarnings("ArrayRecordComponent") // of whatever type
public record Content(Object object) {

    /** Returns what a collection has, but for nulls. */
    public static Set<Content> of(Collection<?> collection) {
        Set<Content> contents = new HashSet<>();
        for (Object object : collection) {
            if (object != null) {
                contents.add(new Content(object));
            }
        }
        return contents;
    }

    public static boolean same(@Nullable Object a, @Nullable Object b) {
        return Objects.deepEquals(a, b);
    }

    /** That of the object itself, unless it is an array. */
    public static int hash(Object object) {
        int ofEmptyList = Arrays.deepHashCode(new Object[0]);
        return Arrays.deepHashCode(new Object[] {object}) - 31 * ofEmptyList;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Content content && same(object, content.object);
    }

    @Override
    public int hashCode() {
        return hash(object);
    }
}
