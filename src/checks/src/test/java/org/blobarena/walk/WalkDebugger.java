package org.blobarena.walk;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.EventRequestManager;
import com.sun.jdi.request.MethodEntryRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.file.PathUtils;
import org.blobarena.testing.ChildJvm;
import org.jspecify.annotations.Nullable;

/** Runs {@link WalkedCalls} in a process of its own under a debugger, which notes what the walked calls enter. */
final class WalkDebugger {

    private static final String OURS = "org.blobarena.*";

    /** Where the JDK's reads and writes of files end, and where the index is read and changed. */
    private static final List<String> ENDS = List.of("*FileDispatcherImpl", "net.openhft.chronicle.core.UnsafeMemory*");

    private final List<Walk> walks = new ArrayList<>();
    private final List<MethodEntryRequest> entries = new ArrayList<>();
    private @Nullable Walk current;

    private WalkDebugger() {}

    /** Prints the walks. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("blobarena-walk-");
        try {
            List<Walk> walks = walks(directory);
            System.out.println("get: " + walks.get(0) + "\nput: " + walks.get(1));
        } finally {
            PathUtils.delete(directory);
        }
    }

    /** Returns the walks of the calls in their order. */
    static List<Walk> walks(Path directory) throws IOException, InterruptedException {
        ListeningConnector connector = Bootstrap.virtualMachineManager().listeningConnectors().stream()
                .filter(each -> each.transport().name().equals("dt_socket"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        try {
            arguments.get("localAddress").setValue("127.0.0.1");
            String address = connector.startListening(arguments);
            String port = address.substring(address.lastIndexOf(':') + 1);
            String flag = "-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=127.0.0.1:" + port;
            try (ChildJvm child = ChildJvm.start(
                    ChildJvm.classPath(), List.of(flag), WalkedCalls.class, directory.resolve("store"))) {
                WalkDebugger debugger = new WalkDebugger();
                debugger.watch(connector.accept(arguments));
                child.awaitEnd();
                return debugger.walks;
            } finally {
                connector.stopListening(arguments);
            }
        } catch (IllegalConnectorArgumentsException | IncompatibleThreadStateException e) {
            throw new AssertionError(e);
        }
    }

    private void watch(VirtualMachine machine) throws InterruptedException, IncompatibleThreadStateException {
        EventRequestManager requests = machine.eventRequestManager();
        ClassPrepareRequest prepared = requests.createClassPrepareRequest();
        prepared.addClassFilter(WalkedCalls.class.getName());
        prepared.enable();
        boolean connected = true;
        while (connected) {
            EventSet events = machine.eventQueue().remove();
            for (Event event : events) {
                if (event instanceof ClassPrepareEvent walked) {
                    prepare(requests, walked.referenceType(), walked.thread());
                } else if (event instanceof BreakpointEvent reached) {
                    beginOrEnd(reached.location().method().name().equals("begin"));
                } else if (event instanceof MethodEntryEvent entered && current != null) {
                    enter(current, entered);
                } else if (event instanceof VMDisconnectEvent) {
                    connected = false;
                }
            }
            events.resume();
        }
    }

    private void prepare(EventRequestManager requests, ReferenceType walked, ThreadReference thread) {
        for (String marker : List.of("begin", "end")) {
            requests.createBreakpointRequest(walked.methodsByName(marker).get(0).location())
                    .enable();
        }
        List<String> patterns = new ArrayList<>(ENDS);
        patterns.add(OURS);
        for (String pattern : patterns) {
            MethodEntryRequest entry = requests.createMethodEntryRequest();
            entry.addClassFilter(pattern);
            entry.addThreadFilter(thread);
            entry.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
            entries.add(entry);
        }
    }

    private void beginOrEnd(boolean begins) {
        Walk ended = current;
        if (ended != null) {
            walks.add(ended);
        }
        current = begins ? new Walk() : null;
        for (MethodEntryRequest entry : entries) {
            entry.setEnabled(begins);
        }
    }

    private static void enter(Walk walk, MethodEntryEvent entered) throws IncompatibleThreadStateException {
        String type = entered.method().declaringType().name();
        if (type.equals(WalkedCalls.class.getName())) {
            return; // The end of the walk, which is no part of it.
        }
        walk.enter(entered.method());
        if (!type.startsWith("org.blobarena.")) {
            walk.reachEnd(entered.thread());
        }
    }
}
