package org.blobarena.walk;

import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.Location;
import com.sun.jdi.Method;
import com.sun.jdi.StackFrame;
import com.sun.jdi.ThreadReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What one call enters of this project, in the order of the way: source files, and their methods.
 *
 * <p>Some files are only passed, such as those of values and accessors. Those whose methods are still waiting when a file
 * or the memory of the index is reached make up the depth of the way.
 */
final class Walk {

    private static final String OURS = "org/blobarena/";

    /** The default index, one of several that there may be. */
    private static final String INDEX = "org/blobarena/index/chronicle/";

    private final Map<String, Map<String, Integer>> methods = new LinkedHashMap<>();
    private final Set<String> onTheStack = new TreeSet<>();
    private int calls;

    void enter(Method method) {
        String file = file(method.location());
        if (file.startsWith(OURS)) {
            methods.computeIfAbsent(file, entered -> new LinkedHashMap<>()).merge(method.name(), 1, Integer::sum);
            calls++;
        }
    }

    /** The call has reached the memory of the index, or a read or write of a file. */
    void reachEnd(ThreadReference thread) throws IncompatibleThreadStateException {
        for (StackFrame frame : thread.frames()) {
            String file = file(frame.location());
            if (methods.containsKey(file)) {
                onTheStack.add(file);
            }
        }
    }

    /** Empty for code that the JVM makes of lambdas: what is in those is entered apart. */
    private static String file(Location location) {
        if (location.declaringType().name().contains("$$Lambda")) {
            return "";
        }
        try {
            return location.sourcePath();
        } catch (AbsentInformationException e) {
            return "";
        }
    }

    Set<String> files() {
        return methods.keySet();
    }

    long filesOutsideOfIndex() {
        return methods.keySet().stream().filter(file -> !file.startsWith(INDEX)).count();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(methods.size()).append(" files, ");
        text.append(filesOutsideOfIndex()).append(" of them outside of the default index; ");
        text.append(onTheStack.size()).append(" (*) wait while a file or the index's memory is used; ");
        text.append(calls).append(" calls\n");
        methods.forEach((file, entered) -> text.append(onTheStack.contains(file) ? "* " : "  ")
                .append(file.substring(OURS.length()))
                .append(": ")
                .append(calls(entered))
                .append('\n'));
        return text.toString();
    }

    private static String calls(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(each -> each.getValue() == 1 ? each.getKey() : each.getKey() + " x" + each.getValue())
                .collect(Collectors.joining(", "));
    }
}
