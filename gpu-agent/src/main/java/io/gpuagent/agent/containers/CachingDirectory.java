package io.gpuagent.agent.containers;

import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.retry.Backoff;
import io.gpuagent.retry.Retries;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Workload;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A container directory that answers from memory and queries its sources, in order, on one background thread. A name once found stays
 * until another one is found: neither an unavailable source nor the container's removal withdraws it. An id that no source knows, or
 * whose sources are unavailable, is retried after 1 s, then at doubling intervals up to 30 s, and at once when a source reports a
 * change. An id that was not requested for 15 minutes is evicted.
 *
 * <p>Owns its sources and closes them.
 */
public final class CachingDirectory implements ContainerDirectory, AutoCloseable {

    private static final ContainerLookup OFF = new ContainerLookup.Unknown(ContainerLookup.Reason.OFF);
    private static final ContainerLookup PENDING = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);
    private static final ContainerLookup NOT_FOUND = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
    private static final ContainerLookup UNAVAILABLE = new ContainerLookup.Unknown(ContainerLookup.Reason.UNAVAILABLE);

    private final List<ContainerSource> sources;
    private final List<CircuitBreaker> breakers;
    private final List<String> labels;
    private final Tuning tuning;
    private final ScheduledThreadPoolExecutor worker;
    private final Object lock = new Object();
    /** Cached entries, the least recently used first. Guarded by {@link #lock}. */
    private final Map<Workload.Named, Entry> entries = new LinkedHashMap<>();

    /** A directory over the sources. If several know an id, the first one provides its name. Starts watching the sources. */
    public CachingDirectory(List<ContainerSource> sources) {
        this(sources, List.of());
    }

    /** @param labels keys of the container labels to keep; all others are discarded */
    public CachingDirectory(List<ContainerSource> sources, List<String> labels) {
        this(sources, labels, Tuning.DEFAULT);
    }

    CachingDirectory(List<ContainerSource> sources, List<String> labels, Tuning tuning) {
        this.sources = List.copyOf(sources);
        this.labels = List.copyOf(labels);
        this.tuning = tuning;
        breakers = this.sources.stream()
                .map(source -> new CircuitBreaker(source, tuning.backoff))
                .toList();
        worker = newWorker();
        long sweep = tuning.forgetAfter.toNanos() / 15;
        worker.scheduleWithFixedDelay(this::forgetUnused, sweep, sweep, TimeUnit.NANOSECONDS);
        for (int i = 0; i < breakers.size(); i++) {
            this.sources.get(i).watch(new ChangeListener(breakers.get(i)));
        }
    }

    @Override
    public ContainerLookup find(Workload.Named owner) {
        if (sources.isEmpty()) {
            return OFF;
        }
        synchronized (lock) {
            Entry entry = entries.remove(owner);
            if (entry == null) {
                entry = new Entry(owner, tuning.backoff);
                schedule(entry, Duration.ZERO);
            }
            entry.lastUsed = System.nanoTime();
            entries.put(owner, entry);
            if (entries.size() > tuning.capacity) {
                forget(entries.values().iterator().next());
            }
            return entry.answer;
        }
    }

    /** The number of lookups so far, one row per source and outcome, zeros included. */
    public List<LookupCount> lookups() {
        return breakers.stream().flatMap(breaker -> breaker.counts().stream()).toList();
    }

    /** Stops the background thread and closes the sources. Names found before can still be read. */
    @Override
    public void close() {
        worker.shutdownNow();
        sources.forEach(ContainerSource::close);
    }

    /**
     * Looks one entry up. A change that is reported during the lookup schedules another one, because the answer may be outdated. A lookup
     * that was superseded just before it started returns without effect; otherwise two chains of lookups would run for the entry.
     */
    private void lookUp(Entry entry, int turn) {
        synchronized (lock) {
            if (!isKept(entry) || entry.turn != turn) {
                return;
            }
            entry.next = null;
        }
        try {
            Lookup answer = query(entry.owner);
            synchronized (lock) {
                entry.take(answer);
                if (isKept(entry) && entry.next == null) {
                    schedule(entry, pause(entry, answer));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Lookup query(Workload.Named owner) throws InterruptedException {
        boolean unavailable = false;
        Duration retryAfter = Duration.ZERO;
        for (int i = 0; i < breakers.size(); i++) {
            CircuitBreaker.Reply reply = breakers.get(i).lookup(owner);
            if (reply.details() != null) {
                return new Lookup(
                        new ContainerLookup.Known(reply.details().keeping(labels)), i, unavailable, retryAfter);
            }
            unavailable |= reply.unavailable();
            retryAfter = retryAfter.compareTo(reply.retryAfter()) > 0 ? retryAfter : reply.retryAfter();
        }
        return new Lookup(unavailable ? UNAVAILABLE : NOT_FOUND, breakers.size(), unavailable, retryAfter);
    }

    /** The delay until the entry's next lookup. */
    private Duration pause(Entry entry, Lookup got) {
        boolean removed = got.lookup == NOT_FOUND && entry.answer instanceof ContainerLookup.Known;
        if (removed || got.lookup instanceof ContainerLookup.Known) {
            entry.retries.succeeded();
            Duration recheck = sources.get(entry.namedBy).recheck();
            return recheck.compareTo(tuning.recheck) < 0 ? recheck : tuning.recheck;
        }
        return got.retryAfter.isZero() ? entry.retries.failed(System.nanoTime()) : got.retryAfter;
    }

    private void schedule(Entry entry, Duration delay) {
        if (entry.next != null) {
            entry.next.cancel(false);
        }
        int turn = ++entry.turn;
        entry.next = worker.schedule(() -> lookUp(entry, turn), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void forgetUnused() {
        long now = System.nanoTime();
        synchronized (lock) {
            entries.values().stream()
                    .takeWhile(entry -> now - entry.lastUsed > tuning.forgetAfter.toNanos())
                    .toList()
                    .forEach(this::forget);
        }
    }

    /** Removes the entry and cancels its next lookup, which would otherwise keep it in memory for minutes. */
    private void forget(Entry entry) {
        entries.remove(entry.owner);
        if (entry.next != null) {
            entry.next.cancel(false);
        }
    }

    private boolean isKept(Entry entry) {
        return entries.get(entry.owner) == entry;
    }

    private static ScheduledThreadPoolExecutor newWorker() {
        ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("container-names"));
        worker.setRemoveOnCancelPolicy(true);
        worker.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return worker;
    }

    /** Receives the changes of one source and passes them on to the worker thread. */
    private final class ChangeListener implements ContainerSource.Changes {

        private final CircuitBreaker breaker;

        ChangeListener(CircuitBreaker breaker) {
            this.breaker = breaker;
        }

        @Override
        public void changed(String id) {
            synchronized (lock) {
                entries.values().stream()
                        .filter(entry -> entry.owner.id().equals(id))
                        .forEach(entry -> schedule(entry, Duration.ZERO));
            }
        }

        @Override
        public void returned() {
            worker.execute(() -> {
                breaker.reset();
                synchronized (lock) {
                    entries.values().forEach(entry -> schedule(entry, Duration.ZERO));
                }
            });
        }
    }

    /**
     * The result of querying the sources.
     *
     * @param source the index of the source that knew the id
     * @param unavailable whether a source before it was unavailable
     * @param retryAfter the time until an unavailable source is queried again
     */
    private record Lookup(ContainerLookup lookup, int source, boolean unavailable, Duration retryAfter) {}

    /** The state of one owner. Guarded by {@link #lock}. */
    private static final class Entry {

        private final Workload.Named owner;
        private final Retries retries;
        private ContainerLookup answer = PENDING;
        /** The index of the source that provided the name. */
        private int namedBy = Integer.MAX_VALUE;

        private long lastUsed;
        /** The number of the lookup that was scheduled last; earlier ones are superseded. */
        private int turn;
        /** The next lookup; null while a lookup is running and no change has been reported since it started. */
        private @Nullable ScheduledFuture<?> next;

        Entry(Workload.Named owner, Backoff backoff) {
            this.owner = owner;
            this.retries = new Retries(backoff);
        }

        /**
         * A name is replaced only by another name. A name from a lower-ranking source replaces it only if no
         * higher-ranking source is unavailable.
         */
        void take(Lookup got) {
            boolean known = got.lookup instanceof ContainerLookup.Known;
            if (known && (got.source <= namedBy || !got.unavailable)) {
                answer = got.lookup;
                namedBy = got.source;
            } else if (!known && !(answer instanceof ContainerLookup.Known)) {
                answer = got.lookup;
            }
        }
    }

    /**
     * Parameters of the directory.
     *
     * @param recheck how often a known name is looked up again, unless its source requires shorter intervals
     * @param forgetAfter the time after which an unused id is evicted
     * @param capacity the maximum number of ids
     */
    record Tuning(Backoff backoff, Duration recheck, Duration forgetAfter, int capacity) {

        static final Tuning DEFAULT =
                new Tuning(Backoff.DEFAULT, Duration.ofMinutes(5), Duration.ofMinutes(15), 10_000);
    }
}
