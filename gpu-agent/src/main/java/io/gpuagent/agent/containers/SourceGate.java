package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The way to one source: counts what is asked, leaves a source in trouble alone for a while, so that a silent engine costs one
 * deadline per back-off and not one per container, and says in the log when that begins and ends. Used by one thread; the counts
 * are read from any.
 */
final class SourceGate {

    private static final System.Logger LOG = System.getLogger(SourceGate.class.getName());

    private final ContainerSource source;
    private final Backoff backoff;
    private final AtomicLongArray counts = new AtomicLongArray(LookupOutcome.values().length);
    private int failures;
    private long shutUntil = System.nanoTime();
    private boolean troubleSaid;

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
            succeeded(details.isPresent() ? LookupOutcome.FOUND : LookupOutcome.NOT_FOUND);
            return details;
        } catch (LookupFailedException failure) {
            throw failed(failure);
        } catch (RuntimeException | LinkageError bug) {
            LOG.log(System.Logger.Level.WARNING, source.name() + ": lookup failed", bug);
            throw failed(new LookupFailedException(LookupOutcome.ERROR, true, bug.toString(), bug));
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

    private void succeeded(LookupOutcome outcome) {
        counts.incrementAndGet(outcome.ordinal());
        failures = 0;
        if (troubleSaid) {
            LOG.log(System.Logger.Level.INFO, "{0}: answers again", source.name());
        }
        troubleSaid = false;
    }

    /** Whoever met the trouble is asked for after those who wait, in case it is its own. */
    private UnavailableException failed(LookupFailedException failure) {
        counts.incrementAndGet(failure.outcome().ordinal());
        if (!failure.ofWholeSource()) {
            return new UnavailableException(Duration.ZERO);
        }
        boolean closing = Thread.currentThread().isInterrupted();
        if (!troubleSaid && !closing) {
            LOG.log(System.Logger.Level.WARNING, "{0}: no container names: {1}", source.name(), failure.getMessage());
            troubleSaid = true;
        }
        Duration delay = backoff.after(failures++);
        shutUntil = System.nanoTime() + delay.toNanos();
        return new UnavailableException(delay.plus(backoff.first()));
    }

    /** The source has no answer now. */
    static final class UnavailableException extends Exception {

        private static final long serialVersionUID = 1L;

        /** When to ask again; zero if the trouble is this container's alone. */
        final Duration rest;

        UnavailableException(Duration rest) {
            super("unavailable", null, false, false);
            this.rest = rest;
        }
    }
}
