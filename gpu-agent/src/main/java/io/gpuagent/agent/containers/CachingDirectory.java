package io.gpuagent.agent.containers;

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
 * A container directory that answers from memory and asks its sources, in their order, on one background thread. A name once found
 * stays until another is found in its place: neither a source that goes away nor the container's removal takes it back. An id
 * nobody knows, or nobody can tell of, is asked for again after 1 s, then at doubling intervals up to 30 s, and at once when a
 * source tells of a change. An id that was not looked for in 15 minutes is forgotten.
 *
 * <p>Owns its sources.
 */
public final class CachingDirectory implements ContainerDirectory, AutoCloseable {

    private static final ContainerLookup OFF = new ContainerLookup.Unknown(ContainerLookup.Reason.OFF);
    private static final ContainerLookup PENDING = new ContainerLookup.Unknown(ContainerLookup.Reason.PENDING);
    private static final ContainerLookup NOT_FOUND = new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND);
    private static final ContainerLookup UNAVAILABLE = new ContainerLookup.Unknown(ContainerLookup.Reason.UNAVAILABLE);

    private final List<ContainerSource> sources;
    private final List<SourceGate> gates;
    private final List<String> labels;
    private final Tuning tuning;
    private final ScheduledThreadPoolExecutor worker;
    private final Object lock = new Object();
    /** Guarded by {@link #lock}; the one not looked for longest comes first. */
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** A directory over the sources; the first that knows an id names it. Starts watching them. */
    public CachingDirectory(List<ContainerSource> sources) {
        this(sources, List.of());
    }

    /** @param labels keys of the container labels that are kept; all others are let go of at once */
    public CachingDirectory(List<ContainerSource> sources, List<String> labels) {
        this(sources, labels, Tuning.DEFAULT);
    }

    CachingDirectory(List<ContainerSource> sources, List<String> labels, Tuning tuning) {
        this.sources = List.copyOf(sources);
        this.labels = List.copyOf(labels);
        this.tuning = tuning;
        gates = this.sources.stream()
                .map(source -> new SourceGate(source, tuning.backoff))
                .toList();
        worker = newWorker();
        long sweep = tuning.forgetAfter.toNanos() / 15;
        worker.scheduleWithFixedDelay(this::forgetUnasked, sweep, sweep, TimeUnit.NANOSECONDS);
        for (int i = 0; i < gates.size(); i++) {
            this.sources.get(i).watch(new Posted(gates.get(i)));
        }
    }

    @Override
    public ContainerLookup find(Workload.Container container) {
        if (sources.isEmpty()) {
            return OFF;
        }
        synchronized (lock) {
            Entry entry = entries.remove(container.id());
            if (entry == null) {
                entry = new Entry(container);
                schedule(entry, Duration.ZERO);
            }
            entry.soughtAt = System.nanoTime();
            entries.put(container.id(), entry);
            if (entries.size() > tuning.capacity) {
                forget(entries.values().iterator().next());
            }
            return entry.answer;
        }
    }

    /** How all lookups ended so far, a row for each source and outcome, zeros included. */
    public List<LookupCount> lookups() {
        return gates.stream().flatMap(gate -> gate.counts().stream()).toList();
    }

    /** Ends the background thread and the sources. What was found can still be read. */
    @Override
    public void close() {
        worker.shutdownNow();
        sources.forEach(ContainerSource::close);
    }

    /**
     * News that comes while the sources are asked have the entry scheduled: the answer may be the old one. A lookup that news overtook
     * just before it began leaves it to the one that they scheduled, or there would be two of them from then on.
     */
    private void lookUp(Entry entry, int turn) {
        synchronized (lock) {
            if (!isKept(entry) || entry.turn != turn) {
                return;
            }
            entry.next = null;
        }
        try {
            Lookup answer = ask(entry.container);
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

    private Lookup ask(Workload.Container container) throws InterruptedException {
        boolean silent = false;
        Duration rest = Duration.ZERO;
        for (int i = 0; i < gates.size(); i++) {
            SourceGate.Reply reply = gates.get(i).ask(container);
            if (reply.details() != null) {
                return new Lookup(new ContainerLookup.Known(reply.details().keeping(labels)), i, silent, rest);
            }
            silent |= reply.silent();
            rest = rest.compareTo(reply.rest()) > 0 ? rest : reply.rest();
        }
        return new Lookup(silent ? UNAVAILABLE : NOT_FOUND, gates.size(), silent, rest);
    }

    /** How long a container is not to be asked for after this answer. */
    private Duration pause(Entry entry, Lookup got) {
        boolean removed = got.lookup == NOT_FOUND && entry.answer instanceof ContainerLookup.Known;
        if (removed || got.lookup instanceof ContainerLookup.Known) {
            entry.failures = 0;
            Duration recheck = sources.get(entry.namedBy).recheck();
            return recheck.compareTo(tuning.recheck) < 0 ? recheck : tuning.recheck;
        }
        return got.rest.isZero() ? tuning.backoff.after(entry.failures++) : got.rest;
    }

    private void schedule(Entry entry, Duration delay) {
        if (entry.next != null) {
            entry.next.cancel(false);
        }
        int turn = ++entry.turn;
        entry.next = worker.schedule(() -> lookUp(entry, turn), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void forgetUnasked() {
        long now = System.nanoTime();
        synchronized (lock) {
            entries.values().stream()
                    .takeWhile(entry -> now - entry.soughtAt > tuning.forgetAfter.toNanos())
                    .toList()
                    .forEach(this::forget);
        }
    }

    /** With its next lookup, which would hold it for minutes. */
    private void forget(Entry entry) {
        entries.remove(entry.container.id());
        if (entry.next != null) {
            entry.next.cancel(false);
        }
    }

    private boolean isKept(Entry entry) {
        return entries.get(entry.container.id()) == entry;
    }

    private static ScheduledThreadPoolExecutor newWorker() {
        ScheduledThreadPoolExecutor worker = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "container-names");
            thread.setDaemon(true);
            return thread;
        });
        worker.setRemoveOnCancelPolicy(true);
        worker.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        return worker;
    }

    /** What one source tells, taken to the thread that uses its gate. */
    private final class Posted implements ContainerSource.Changes {

        private final SourceGate gate;

        Posted(SourceGate gate) {
            this.gate = gate;
        }

        @Override
        public void changed(String id) {
            synchronized (lock) {
                Entry entry = entries.get(id);
                if (entry != null) {
                    schedule(entry, Duration.ZERO);
                }
            }
        }

        @Override
        public void returned() {
            worker.execute(() -> {
                gate.open();
                synchronized (lock) {
                    entries.values().forEach(entry -> schedule(entry, Duration.ZERO));
                }
            });
        }
    }

    /**
     * What the sources said.
     *
     * @param source the index of the one that knew the id
     * @param silent whether one asked before it could not tell
     * @param rest how long a source that might know more is left alone
     */
    private record Lookup(ContainerLookup lookup, int source, boolean silent, Duration rest) {}

    /** What is known of one id. Guarded by {@link #lock}. */
    private static final class Entry {

        private final Workload.Container container;
        private ContainerLookup answer = PENDING;
        /** The index of the source whose name is kept. */
        private int namedBy = Integer.MAX_VALUE;

        private long soughtAt;
        private int failures;
        /** Of the lookup that was scheduled last. */
        private int turn;
        /** The next lookup; null while one is under way that no news came after. */
        private @Nullable ScheduledFuture<?> next;

        Entry(Workload.Container container) {
            this.container = container;
        }

        /** A name goes only for another, and not for a later source's while an earlier one is silent. */
        void take(Lookup got) {
            boolean known = got.lookup instanceof ContainerLookup.Known;
            if (known && (got.source <= namedBy || !got.silent)) {
                answer = got.lookup;
                namedBy = got.source;
            } else if (!known && !(answer instanceof ContainerLookup.Known)) {
                answer = got.lookup;
            }
        }
    }

    /**
     * The directory's measures.
     *
     * @param recheck how often a known name is asked for again, where its source does not want it sooner
     * @param forgetAfter how long an id that nobody looks for is kept
     * @param capacity how many ids are kept
     */
    record Tuning(Backoff backoff, Duration recheck, Duration forgetAfter, int capacity) {

        static final Tuning DEFAULT =
                new Tuning(Backoff.DEFAULT, Duration.ofMinutes(5), Duration.ofMinutes(15), 10_000);
    }
}
