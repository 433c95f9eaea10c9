package io.gpuagent.agent.containers;

import java.time.Duration;

/**
 * How one place that can name containers does now, for people.
 *
 * @param place a socket's address, or a directory
 * @param text what answers there and in which version, or why nothing does and how to mend it
 * @param took how long the place took to answer
 */
public record PlaceStatus(String place, State state, String text, Duration took) {

    /** Whether a place is of use. */
    public enum State {
        ANSWERS,
        /** Nothing is there, as on most nodes for most places. */
        ABSENT,
        /** Something is there and cannot be asked. */
        FAILS
    }

    /** Looks at a place and tells what answers there. */
    @FunctionalInterface
    interface Look {

        String see() throws LookupFailedException, InterruptedException;
    }

    /** @param expected whether it is trouble that nothing is there */
    static PlaceStatus of(String place, boolean expected, Look look) throws InterruptedException {
        long start = System.nanoTime();
        State state = State.ANSWERS;
        String text;
        try {
            text = look.see();
        } catch (LookupFailedException e) {
            state = e.outcome() == LookupOutcome.ABSENT && !expected ? State.ABSENT : State.FAILS;
            text = String.valueOf(e.getMessage());
        }
        return new PlaceStatus(place, state, text, Duration.ofNanos(System.nanoTime() - start));
    }
}
