package io.gpuagent.agent.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Properties;

/** The version of this build, from a resource that the build writes. */
public final class Version {

    private Version() {}

    public static String number() {
        return property("version");
    }

    /** The build time; in a reproducible build, the configured output timestamp. */
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
