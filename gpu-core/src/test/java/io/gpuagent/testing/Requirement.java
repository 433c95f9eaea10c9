package io.gpuagent.testing;

import org.opentest4j.TestAbortedException;

/** Something a test needs of the machine. Where it is missing the test is skipped by name; in CI it fails. */
public final class Requirement {

    private Requirement() {}

    /** Goes on only if it is present. */
    public static void of(String name, boolean present, String reason) {
        if (present) {
            return;
        }
        String message = name + ": " + reason;
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        throw new TestAbortedException(message);
    }
}
