package io.gpuagent.agent.containers;

import java.time.Duration;

/**
 * How one place that can name containers does now, for people.
 *
 * @param place a socket's address, or a directory
 * @param text what answers there and in which version, or why nothing does and how to mend it
 * @param took how long the place took to answer
 */
public record PlaceReport(String place, State state, String text, Duration took) {

    /** Whether a place is of use. */
    public enum State {
        ANSWERS,
        /** Nothing is there, as on most nodes for most places. */
        ABSENT,
        /** Something is there and cannot be asked. */
        FAILS
    }
}
