package io.gpuagent.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Properties;

/** The version of this build, as the build wrote it beside this class. */
public final class Version {

    private Version() {}

    public static String number() {
        return property("version");
    }

    /** When it was built, or the time that it was to be built as of, so that it can be reproduced. */
    public static Instant built() {
        return Instant.parse(property("built"));
    }

    private static String property(String name) {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            properties.load(Objects.requireNonNull(in, "version.properties is missing from the build"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Objects.requireNonNull(properties.getProperty(name), name);
    }
}
