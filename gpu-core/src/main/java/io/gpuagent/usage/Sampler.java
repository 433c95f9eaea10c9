package io.gpuagent.usage;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Samples all GPUs once per interval and keeps the newest snapshot. Any thread can get the snapshot at any time without
 * waiting for the driver. Each GPU is read on a separate thread, so a GPU that hangs or is lost does not affect the
 * others. All threads are daemon threads.
 */
public final class Sampler implements AutoCloseable {

    /** The shortest allowed interval. The driver's values do not change faster. */
    public static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    /** The default interval. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

    /** The default window over which a workload's peak memory is taken. */
    public static final Duration DEFAULT_PEAK_WINDOW = Duration.ofMinutes(1);

    /** The default maximum number of accounts. */
    public static final int DEFAULT_MAX_WORKLOADS = 5000;

    /** The default time after which a GPU that does not respond counts as stalled. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(5);

    private static final Duration MIN_OUTDATED_AGE = Duration.ofSeconds(10);
    private static final int OUTDATED_INTERVALS = 3;
    private static final Duration STARTUP_INTERVAL = Duration.ofMillis(20);

    private final TimeSource time = TimeSource.SYSTEM;
    private final SamplerCounters counters = new SamplerCounters();
    private final StateLog log = new StateLog(System.getLogger(Sampler.class.getName()));
    private final GpuBackend backend;
    private final Enumerator enumerator;
    private final GpuReaders readers;
    private final WorkloadResolver resolver;
    private final TickDirectory names;
    private final Postings postings;
    private final SnapshotBuilder snapshots;
    private final Thread thread;

    private volatile Pace pace;
    private volatile Newest newest;

    private Sampler(Builder from) {
        backend = from.backend;
        pace = Pace.of(from.interval);
        newest = new Newest(
                Snapshot.none(BackendState.unknown(backend.name()), counters.totals(from.interval)), time.nanos());
        enumerator = new Enumerator(backend, time, from.deadline, from.firstDeadline);
        readers = new GpuReaders(gpu -> new GpuReader(gpu, time, counters, from.deadline, from.firstDeadline), time);
        names = new TickDirectory(from.directory);
        Ledger ledger = new Ledger(names, from.maxWorkloads, from.peakWindow);
        XidQueue xids = new XidQueue();
        backend.listen(xids::add, counters::add);
        XidAccounts xidAccounts = new XidAccounts(xids, ledger, new XidLog(System.getLogger(Sampler.class.getName())));
        resolver = from.workloads;
        postings = new Postings(names, ledger, xidAccounts);
        snapshots = new SnapshotBuilder(names, ledger, xidAccounts);
        thread = DaemonThreads.of("gpu-sampler", this::run);
    }

    private record Newest(Snapshot snapshot, long nanos) {}

    /** Returns a builder for a sampler of the backend's GPUs. The sampler closes the backend when it is closed. */
    public static Builder of(GpuBackend backend) {
        return new Builder(backend);
    }

    /** The settings of a sampler. All settings except the backend have defaults. */
    public static final class Builder {

        private final GpuBackend backend;
        private WorkloadResolver workloads = WorkloadResolver.ofThisHost();
        private ContainerDirectory directory = ContainerDirectory.NONE;
        private Duration interval = DEFAULT_INTERVAL;
        private Duration peakWindow = DEFAULT_PEAK_WINDOW;
        private int maxWorkloads = DEFAULT_MAX_WORKLOADS;
        private Duration deadline = DEFAULT_DEADLINE;
        private Duration firstDeadline = Duration.ofSeconds(60);

        private Builder(GpuBackend backend) {
            this.backend = backend;
        }

        /**
         * Sets the resolver that finds the workloads of processes. It must not be shared with another sampler. The
         * default reads {@code /proc}.
         */
        public Builder workloads(WorkloadResolver resolver) {
            workloads = resolver;
            return this;
        }

        /** Sets the directory that container names are looked up in. By default there is none. */
        public Builder directory(ContainerDirectory source) {
            directory = source;
            return this;
        }

        /** Sets the sample interval, 1 s by default. */
        public Builder interval(Duration length) {
            if (length.compareTo(SHORTEST_INTERVAL) < 0) {
                throw new IllegalArgumentException("the sample interval must be at least 100 ms, but is " + length);
            }
            interval = length;
            return this;
        }

        /** Sets the length of the window over which a workload's memory peak is taken, 1 min by default. */
        public Builder peakWindow(Duration length) {
            peakWindow = length;
            return this;
        }

        /**
         * Sets the maximum number of accounts, including those of ended workloads; 5,000 by default. Workloads above
         * the limit are shown as one.
         */
        public Builder maxWorkloads(int limit) {
            maxWorkloads = limit;
            return this;
        }

        /** Sets how long a read of a GPU may take before the GPU counts as stalled; 5 s by default. */
        public Builder deadline(Duration limit) {
            deadline = limit;
            return this;
        }

        /**
         * Sets the deadline for the driver's initialization and for each GPU's first read; 60 s by default. Without
         * persistence mode, the driver initializes the GPU at its first use (NVIDIA/nvidia-docker#723).
         */
        public Builder firstDeadline(Duration limit) {
            firstDeadline = limit;
            return this;
        }

        /** Starts sampling. */
        public Sampler start() {
            Sampler sampler = new Sampler(this);
            sampler.thread.start();
            return sampler;
        }
    }

    /**
     * Returns the newest snapshot. Before the first sample, it has no GPUs. If sampling has stopped, it has no GPUs and
     * the backend is not up, so that outdated values are never shown as current.
     */
    public Snapshot current() {
        Newest now = newest;
        Duration age = Duration.ofNanos(time.nanos() - now.nanos());
        Duration limit = pace.interval().multipliedBy(OUTDATED_INTERVALS);
        boolean outdated = age.compareTo(limit) > 0
                && age.compareTo(MIN_OUTDATED_AGE) > 0
                && now.snapshot().time() != null;
        return outdated ? now.snapshot().outdated() : now.snapshot();
    }

    /**
     * Waits for the first snapshot in which every GPU has been read or the backend has failed.
     *
     * @return that snapshot, or the newest one if the time runs out
     */
    public Snapshot await(Duration atMost) throws InterruptedException {
        long end = time.nanos() + atMost.toNanos();
        Snapshot now = current();
        while (!settled(now) && time.nanos() - end < 0) {
            Thread.sleep(10);
            now = current();
        }
        return now;
    }

    private static boolean settled(Snapshot snapshot) {
        return snapshot.backend().known()
                && snapshot.gpus().stream().noneMatch(gpu -> gpu.state() instanceof GpuState.Starting);
    }

    /** Stops sampling and closes the backend. A driver call that hangs is abandoned on its daemon thread. */
    @Override
    public void close() {
        thread.interrupt();
        enumerator.close();
        backend.close();
    }

    private void run() {
        try (readers) {
            while (!Thread.currentThread().isInterrupted()) {
                long start = time.nanos();
                tick();
                Duration interval = newest.snapshot().time() == null ? STARTUP_INTERVAL : pace.interval();
                Thread.sleep(
                        Math.max(0, interval.minusNanos(time.nanos() - start).toMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() throws InterruptedException {
        try {
            sample();
        } catch (RuntimeException | Error e) {
            // Continue, because the next sample may succeed. If this thread ended, it would look as if the driver hung.
            System.getLogger(Sampler.class.getName()).log(System.Logger.Level.ERROR, "taking a sample failed", e);
        }
    }

    /**
     * Takes a sample. Waits a quarter of an interval for the enumeration and another quarter for the reads. Results
     * that arrive later become part of the next snapshot.
     */
    private void sample() throws InterruptedException {
        Duration patience = pace.interval().dividedBy(4);
        Duration listing = list(patience);
        Duration reading = read(patience);
        long start = time.nanos();
        BackendState state = enumerator.listing().backend();
        if (!state.known()) {
            return;
        }
        names.beginTick();
        resolver.retainOnly(readers.lastListed());
        Map<Integer, Resolution> resolutions = resolver.resolve(readers.listed(), start);
        Map<GpuReader, Attribution> posted = postings.post(readers, resolutions, start, pace.interval());
        SamplerTotals totals = counters.totals(pace.interval());
        Snapshot next = snapshots.build(time.now(), start, state, readers, resolutions, posted, totals);
        newest = new Newest(next, start);
        log.report(next);
        Duration work = listing.plus(reading).plusNanos(time.nanos() - start);
        counters.add(work);
        pace = pace.after(work);
    }

    private Duration list(Duration patience) throws InterruptedException {
        Duration took = enumerator.run(patience);
        Optional.ofNullable(enumerator.listing().inventory()).ifPresent(readers::follow);
        return took;
    }

    /** Starts the reads and waits for them. Returns the duration of the slowest finished read. */
    private Duration read(Duration patience) throws InterruptedException {
        List<GpuReader> started = new ArrayList<>();
        for (GpuReader reader : readers.readers()) {
            if (reader.request()) {
                started.add(reader);
            }
        }
        long end = time.nanos() + patience.toNanos();
        for (GpuReader reader : started) {
            reader.await(Duration.ofNanos(end - time.nanos()));
        }
        return readers.readers().stream()
                .map(GpuReader::drainLongest)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
