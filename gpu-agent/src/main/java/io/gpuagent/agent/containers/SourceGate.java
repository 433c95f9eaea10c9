package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

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

    Reply ask(Workload.Container container) throws InterruptedException {
        long rest = shutUntil - System.nanoTime();
        if (rest > 0) {
            return new Reply(null, true, Duration.ofNanos(rest));
        }
        try {
            return answered(source.lookup(container).orElse(null));
        } catch (LookupFailedException failure) {
            return failed(failure);
        } catch (RuntimeException | LinkageError bug) {
            LOG.log(System.Logger.Level.WARNING, source.name() + ": lookup failed", bug);
            return failed(new LookupFailedException(LookupOutcome.ERROR, true, bug.toString(), bug));
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

    private Reply answered(@Nullable ContainerDetails details) {
        count(details == null ? LookupOutcome.NOT_FOUND : LookupOutcome.FOUND);
        failures = 0;
        if (troubleSaid) {
            LOG.log(System.Logger.Level.INFO, "{0}: answers again", source.name());
            troubleSaid = false;
        }
        return new Reply(details, false, Duration.ZERO);
    }

    /** Whoever met the trouble is asked for after those who wait, in case it is its own. */
    private Reply failed(LookupFailedException failure) {
        count(failure.outcome());
        if (!failure.ofWholeSource()) {
            return new Reply(null, true, Duration.ZERO);
        }
        boolean closing = Thread.currentThread().isInterrupted();
        if (!troubleSaid && !closing) {
            LOG.log(System.Logger.Level.WARNING, "{0}: no container names: {1}", source.name(), failure.getMessage());
            troubleSaid = true;
        }
        Duration delay = backoff.after(failures++);
        shutUntil = System.nanoTime() + delay.toNanos();
        return new Reply(null, true, delay.plus(backoff.first()));
    }

    private void count(LookupOutcome outcome) {
        counts.incrementAndGet(outcome.ordinal());
    }

    /**
     * What became of a question.
     *
     * @param silent whether the source could not tell
     * @param rest how long the id is not to be asked for; zero unless the whole source is in trouble
     */
    record Reply(@Nullable ContainerDetails details, boolean silent, Duration rest) {}
}
