package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The way to one source: counts what is asked, and leaves a source in trouble alone for a while, so that a silent engine costs one
 * deadline per back-off and not one per container. Used by one thread; the counts are read from any.
 */
final class SourceGate {

    private static final System.Logger LOG = System.getLogger(SourceGate.class.getName());

    private final ContainerSource source;
    private final Backoff backoff;
    private final AtomicLongArray counts = new AtomicLongArray(LookupOutcome.values().length);
    private int failures;
    private long shutUntil = System.nanoTime();

    SourceGate(ContainerSource source, Backoff backoff) {
        this.source = source;
        this.backoff = backoff;
    }

    /** @throws UnavailableException if the source is in trouble or left alone */
    Optional<ContainerDetails> ask(String id) throws UnavailableException, InterruptedException {
        long rest = shutUntil - System.nanoTime();
        if (rest > 0) {
            throw new UnavailableException(Duration.ofNanos(rest));
        }
        try {
            Optional<ContainerDetails> details = source.lookup(id);
            count(details.isPresent() ? LookupOutcome.FOUND : LookupOutcome.NOT_FOUND);
            failures = 0;
            return details;
        } catch (LookupFailedException failure) {
            count(failure.outcome());
            throw new UnavailableException(failure.ofWholeSource() ? shut() : Duration.ZERO);
        } catch (RuntimeException | LinkageError bug) {
            LOG.log(System.Logger.Level.WARNING, source.name() + ": lookup failed", bug);
            count(LookupOutcome.ERROR);
            throw new UnavailableException(shut());
        }
    }

    /** Lets the next question through. */
    void open() {
        failures = 0;
        shutUntil = System.nanoTime();
    }

    List<LookupCount> counts() {
        return Arrays.stream(LookupOutcome.values())
                .map(outcome -> new LookupCount(source.name(), outcome, counts.get(outcome.ordinal())))
                .toList();
    }

    private Duration shut() {
        Duration delay = backoff.after(failures++);
        shutUntil = System.nanoTime() + delay.toNanos();
        return delay;
    }

    private void count(LookupOutcome outcome) {
        counts.incrementAndGet(outcome.ordinal());
    }

    /** The source has no answer now. */
    static final class UnavailableException extends Exception {

        private static final long serialVersionUID = 1L;

        /** How long the whole source is left alone; zero if the trouble is this container's alone. */
        final Duration rest;

        UnavailableException(Duration rest) {
            super("unavailable", null, false, false);
            this.rest = rest;
        }
    }
}
