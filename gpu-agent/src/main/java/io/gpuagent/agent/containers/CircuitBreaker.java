package io.gpuagent.agent.containers;

import io.gpuagent.retry.Backoff;
import io.gpuagent.retry.Retries;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker in front of one source. After a failure it does not query the source for a back-off time, so that an unavailable
 * container runtime costs one deadline per back-off instead of one per container. Counts lookups, and logs when a failure begins and
 * ends. Used by one thread; the counts may be read by any thread.
 */
final class CircuitBreaker {

    private static final System.Logger LOG = System.getLogger(CircuitBreaker.class.getName());

    private final ContainerSource source;
    private final Backoff backoff;
    private final Retries retries;
    private final AtomicLongArray counts = new AtomicLongArray(LookupOutcome.values().length);
    private boolean failureLogged;

    CircuitBreaker(ContainerSource source, Backoff backoff) {
        this.source = source;
        this.backoff = backoff;
        this.retries = new Retries(backoff);
    }

    Reply lookup(Workload.Named owner) throws InterruptedException {
        long retryAfter = retries.nanosUntilDue(System.nanoTime());
        if (retryAfter > 0) {
            return new Reply(null, true, Duration.ofNanos(retryAfter));
        }
        try {
            return answered(source.lookup(owner).orElse(null));
        } catch (LookupFailedException failure) {
            return failed(failure);
        } catch (RuntimeException | LinkageError bug) {
            LOG.log(System.Logger.Level.WARNING, source.name() + ": lookup failed", bug);
            return failed(new LookupFailedException(LookupOutcome.ERROR, true, bug.toString(), bug));
        }
    }

    /** Allows the next lookup immediately. */
    void reset() {
        retries.succeeded();
    }

    List<LookupCount> counts() {
        return Arrays.stream(LookupOutcome.values())
                .map(outcome -> new LookupCount(source.name(), outcome, counts.get(outcome.ordinal())))
                .toList();
    }

    private Reply answered(@Nullable ContainerDetails details) {
        count(details == null ? LookupOutcome.NOT_FOUND : LookupOutcome.FOUND);
        retries.succeeded();
        if (failureLogged) {
            LOG.log(System.Logger.Level.INFO, "{0}: available again", source.name());
            failureLogged = false;
        }
        return new Reply(details, false, Duration.ZERO);
    }

    /** The id whose lookup failed is retried after all others, in case it is the cause of the failure. */
    private Reply failed(LookupFailedException failure) {
        count(failure.outcome());
        if (!failure.affectsSource()) {
            return new Reply(null, true, Duration.ZERO);
        }
        boolean closing = Thread.currentThread().isInterrupted();
        if (!failureLogged && !closing) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: container names unavailable: {1}",
                    source.name(),
                    failure.getMessage());
            failureLogged = true;
        }
        Duration delay = retries.failed(System.nanoTime());
        return new Reply(null, true, delay.plus(backoff.first()));
    }

    private void count(LookupOutcome outcome) {
        counts.incrementAndGet(outcome.ordinal());
    }

    /**
     * The result of a lookup.
     *
     * @param unavailable whether the source failed or was not queried
     * @param retryAfter the time until the id should be looked up again; zero unless the failure affects the whole source
     */
    record Reply(@Nullable ContainerDetails details, boolean unavailable, Duration retryAfter) {}
}
