package org.blobarena.index;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * Finds the indexes that are on the class path or the module path, by {@link ServiceLoader}. Safe from any thread.
 */
public final class IndexFactories {

    private static final String HELP =
            "; add its artifact, as blobarena-index-chronicle for chronicle-map, and if jars were"
                    + " merged into one, merge their files in META-INF/services too";

    private final List<LocationIndexFactory> installed;

    /** @param installed in no particular order */
    IndexFactories(List<LocationIndexFactory> installed) {
        List<LocationIndexFactory> ordered = new ArrayList<>(installed);
        ordered.sort(Comparator.comparingInt(LocationIndexFactory::preference).reversed());
        this.installed = List.copyOf(ordered);
    }

    /**
     * Finds what is installed.
     *
     * @return one or more kinds
     * @throws IllegalStateException if there is none
     */
    public static IndexFactories installed() {
        // The loader of this class first: the context class loader of the caller may know nothing of this library.
        List<LocationIndexFactory> found =
                found(ServiceLoader.load(LocationIndexFactory.class, IndexFactories.class.getClassLoader()));
        if (found.isEmpty()) {
            found = found(ServiceLoader.load(LocationIndexFactory.class));
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("no index for BlobArena is on the class path or module path" + HELP);
        }
        return new IndexFactories(found);
    }

    private static List<LocationIndexFactory> found(ServiceLoader<LocationIndexFactory> services) {
        return services.stream().map(ServiceLoader.Provider::get).toList();
    }

    /**
     * What is used where a program does not say.
     *
     * @param factory of the kind that is preferred to all others that can be used
     * @param passedOver why each that is preferred to it cannot be; of those that are not installed nothing
     */
    public record Choice(LocationIndexFactory factory, List<String> passedOver) {

        /**
         * Makes a choice, with a copy of the list.
         *
         * @param factory of the kind that is preferred to all others that can be used
         * @param passedOver why each that is preferred to it cannot be
         */
        public Choice {
            passedOver = List.copyOf(passedOver);
        }
    }

    /**
     * Chooses the kind that is preferred to all others that can be used in this JVM. Nothing is done to find out whether the
     * others could be.
     *
     * @return the choice
     * @throws IllegalStateException if none can be used; the message says why not
     */
    public Choice preferred() {
        List<String> passedOver = new ArrayList<>();
        for (LocationIndexFactory factory : installed) {
            String reason = factory.unavailable();
            if (reason == null) {
                return new Choice(factory, passedOver);
            }
            passedOver.add(factory.name() + ": " + reason);
        }
        throw new IllegalStateException(String.join("; ", passedOver));
    }

    /**
     * Returns a kind that a program asks for.
     *
     * @param name {@link LocationIndexFactory#name}
     * @return its factory
     * @throws IllegalStateException if it is not installed or cannot be used in this JVM; the message says why not
     */
    public LocationIndexFactory named(String name) {
        LocationIndexFactory factory = installed.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no index '" + name
                        + "' on the class path or module" + " path, but " + names() + HELP));
        String reason = factory.unavailable();
        if (reason != null) {
            throw new IllegalStateException(reason);
        }
        return factory;
    }

    /**
     * Returns who can read an index file.
     *
     * @param fileName its name
     * @return the kind that made it, unless that is not installed or cannot be used in this JVM
     */
    public Optional<LocationIndexFactory> owning(String fileName) {
        return installed.stream()
                .filter(each -> each.owns(fileName) && each.unavailable() == null)
                .findFirst();
    }

    /**
     * Returns whose index a store has.
     *
     * @param fileNames the names of index files, of one index or of several
     * @return the kind that made all of them; empty if there are none, or if they are of several kinds, of one that is not
     *     installed, or of one that cannot be used in this JVM
     */
    public Optional<LocationIndexFactory> owningAll(List<String> fileNames) {
        return fileNames.isEmpty()
                ? Optional.empty()
                : owning(fileNames.get(0)).filter(factory -> fileNames.stream().allMatch(factory::owns));
    }

    private String names() {
        return installed.stream().map(LocationIndexFactory::name).collect(Collectors.joining(", "));
    }
}
