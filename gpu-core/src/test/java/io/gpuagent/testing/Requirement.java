package io.gpuagent.testing;

import org.opentest4j.TestAbortedException;

/** Something a test needs of the machine. Without it the test is skipped by name and reason; where {@code CI} is set, it fails. */
public final class Requirement {

    private Requirement() {}

    public static void of(String name, boolean met, String reason) {
        if (met) {
            return;
        }
        String message = "needs " + name + ": " + reason;
        String ci = System.getenv("CI");
        if (ci != null && !ci.isEmpty() && !ci.equals("false")) {
            throw new AssertionError(message);
        }
        throw new TestAbortedException(message);
    }
}
