package io.gpuagent.testing;

import org.opentest4j.TestAbortedException;

/** A prerequisite of a test on the machine it runs on. */
public final class Requirement {

    private Requirement() {}

    /**
     * Skips the test with a name and a reason if the prerequisite is missing. In CI, which installs all of them, the
     * test fails instead.
     */
    public static void of(String name, boolean present, String reason) {
        if (present) {
            return;
        }
        String message = name + ": " + reason;
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError("skipped in CI: " + message);
        }
        throw new TestAbortedException(message);
    }

    /** Skips the test with a name and a reason, also in CI: for software that Debian only has in an older version. */
    public static void unlessOlder(String name, boolean present, String reason) {
        if (!present) {
            throw new TestAbortedException(name + ": " + reason);
        }
    }
}
