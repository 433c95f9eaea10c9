package io.gpuagent.agent.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code ps} is to show.
 *
 * @param processes whether every process has a line of its own
 * @param watch how often to show it anew; null to show it once
 */
public record PsSettings(
        boolean processes, Format format, @Nullable Duration watch) {

    /** How it is written. */
    public enum Format {
        TABLE,
        CSV,
        JSON
    }
}
