package io.gpuagent.agent.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code ps}.
 *
 * @param processes whether to show each process in its own row
 * @param watch the refresh interval; null to show the table once
 */
public record PsSettings(
        boolean processes, Format format, @Nullable Duration watch) {

    /** The output format. */
    public enum Format {
        TABLE,
        CSV,
        JSON
    }
}
