package org.blobarena.mutants;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests until the first that fails: exit status {@value #PASSED}, {@value #FAILED}, or {@value #NONE} if there was none. */
final class MutantTests {

    static final int PASSED = 0;
    static final int FAILED = 10;
    static final int NONE = 11;

    private MutantTests() {}

    public static void main(String[] tests) {
        List<DiscoverySelector> selectors = new ArrayList<>();
        for (String test : tests) {
            selectors.add(
                    test.contains("#") ? DiscoverySelectors.selectMethod(test) : DiscoverySelectors.selectClass(test));
        }
        Ending ending = new Ending();
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
        LauncherFactory.create().execute(request, ending);
        // Threads of a broken product may go on for ever.
        Runtime.getRuntime().halt(ending.passed == 0 ? NONE : PASSED);
    }

    /** Ends the process at the first failure: which one it is counts, the rest does not. */
    private static final class Ending implements TestExecutionListener {

        private int passed;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                System.out.println(test.getUniqueId() + ": "
                        + result.getThrowable().map(Throwable::toString).orElse("failed"));
                System.out.flush();
                Runtime.getRuntime().halt(FAILED);
            }
            if (test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
                passed++;
            }
        }
    }
}
