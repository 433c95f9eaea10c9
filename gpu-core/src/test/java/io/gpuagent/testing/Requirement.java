package io.gpuagent.testing;

import org.opentest4j.TestAbortedException;

/** Something of the machine that a test needs. */
public final class Requirement {

    private Requirement() {}

    /** Skips the test by name and reason if the machine lacks what it needs; in CI, which installs everything, that is a failure. */
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

    /** Skips the test by name and reason if the machine has an older one than the test needs, and Debian has no newer. */
    public static void unlessOlder(String name, boolean present, String reason) {
        if (!present) {
            throw new TestAbortedException(name + ": " + reason);
        }
    }
}
