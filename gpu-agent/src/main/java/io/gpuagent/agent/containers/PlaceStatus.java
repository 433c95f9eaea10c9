package io.gpuagent.agent.containers;

import java.time.Duration;

/**
 * The current state of one place that container names come from, for {@code doctor}.
 *
 * @param place a socket address or a directory
 * @param text what answers there, with its version; or why nothing does, and how to fix it
 * @param took the time that the probe took
 */
public record PlaceStatus(String place, State state, String text, Duration took) {

    /** The result of a probe. */
    public enum State {
        ANSWERS,
        /** The location does not exist, which is normal for most locations on most nodes. */
        ABSENT,
        /** Something is there, but it cannot be queried. */
        FAILS
    }

    /** Probes a place and returns a description of what answers there. */
    @FunctionalInterface
    interface Probe {

        String run() throws LookupFailedException, InterruptedException;
    }

    /** @param expected whether it is a failure if nothing is there */
    static PlaceStatus of(String place, boolean expected, Probe probe) throws InterruptedException {
        long start = System.nanoTime();
        State state = State.ANSWERS;
        String text;
        try {
            text = probe.run();
        } catch (LookupFailedException e) {
            state = e.outcome() == LookupOutcome.ABSENT && !expected ? State.ABSENT : State.FAILS;
            text = String.valueOf(e.getMessage());
        }
        return new PlaceStatus(place, state, text, Duration.ofNanos(System.nanoTime() - start));
    }
}
