package io.gpuagent.testing;

import org.opentest4j.TestAbortedException;

/** What a test needs of the machine: where it lacks, the test is skipped by name; in CI it fails. */
public final class Requirement {

    private Requirement() {}

    /** Ends the calling test unless {@code present}: aborted on a developer's machine, failed where the variable CI is set. */
    public static void of(String name, boolean present, String reason) {
        if (present) {
            return;
        }
        String message = name + ": " + reason;
        if (System.getenv("CI") != null) {
            throw new AssertionError(message);
        }
        throw new TestAbortedException(message);
    }
}
