package io.gpuagent.usage;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Takes a sample of all GPUs each interval and keeps the newest as a snapshot, which anybody may ask for at any time without waiting for
 * the driver. Each GPU is read on a thread of its own: one that hangs or is lost never blinds the others. All threads are daemons.
 */
public final class Sampler implements AutoCloseable {

    /** The shortest interval there is: the driver's own values do not change faster. */
    public static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);

    private static final Duration SHORTEST_TO_BE_OUTDATED = Duration.ofSeconds(10);
    private static final int INTERVALS_TO_BE_OUTDATED = 3;
    private static final Duration UNTIL_THE_FIRST = Duration.ofMillis(20);

    private final TimeSource time = TimeSource.SYSTEM;
    private final SamplerCounters tally = new SamplerCounters();
    private final StateLog log = new StateLog(System.getLogger(Sampler.class.getName()));
    private final GpuBackend backend;
    private final Enumerator enumerator;
    private final GpuReaders fleet;
    private final SnapshotBuilder snapshots;
    private final Thread thread;

    private volatile Pace pace;
    private volatile Newest newest;

    private Sampler(Builder from) {
        backend = from.backend;
        pace = Pace.of(from.interval);
        newest = new Newest(
                Snapshot.none(BackendState.unknown(backend.name()), tally.totals(from.interval)), time.nanos());
        enumerator = new Enumerator(backend, time, from.deadline, from.firstDeadline);
        fleet = new GpuReaders(gpu -> new GpuReader(gpu, time, tally, from.deadline, from.firstDeadline), time);
        Ledger ledger = new Ledger(from.directory, from.mostWorkloads, from.peakWindow);
        XidQueue reports = new XidQueue();
        backend.listen(reports::add, tally::add);
        XidLog xidLog = new XidLog(System.getLogger(Sampler.class.getName()));
        snapshots = new SnapshotBuilder(from.workloads, from.directory, ledger, new XidAccounts(reports, ledger, xidLog));
        thread = new Thread(this::run, "gpu-sampler");
        thread.setDaemon(true);
    }

    private record Newest(Snapshot snapshot, long nanos) {}

    /** A sampler of the backend's GPUs, to be started. The sampler closes the backend when it is closed. */
    public static Builder of(GpuBackend backend) {
        return new Builder(backend);
    }

    /** What a sampler is made of; all but the backend has a default. */
    public static final class Builder {

        private final GpuBackend backend;
        private WorkloadResolver workloads = WorkloadResolver.ofThisHost();
        private ContainerDirectory directory = ContainerDirectory.NONE;
        private Duration interval = Duration.ofSeconds(1);
        private Duration peakWindow = Duration.ofMinutes(1);
        private int mostWorkloads = 5000;
        private Duration deadline = Duration.ofSeconds(5);
        private Duration firstDeadline = Duration.ofSeconds(60);

        private Builder(GpuBackend backend) {
            this.backend = backend;
        }

        /** Who finds the workload of a process, for this sampler alone; in {@code /proc} by default. */
        public Builder workloads(WorkloadResolver resolver) {
            workloads = resolver;
            return this;
        }

        /** Who tells the names of containers; nobody by default. */
        public Builder directory(ContainerDirectory names) {
            directory = names;
            return this;
        }

        /** The time between two samples, 1 s by default. */
        public Builder interval(Duration between) {
            if (between.compareTo(SHORTEST_INTERVAL) < 0) {
                throw new IllegalArgumentException("the sample interval is at least 100 ms, not " + between);
            }
            interval = between;
            return this;
        }

        /** The time of which the largest sample is a workload's peak, 1 min by default. */
        public Builder peakWindow(Duration length) {
            peakWindow = length;
            return this;
        }

        /** How many workloads have accounts, gone ones included, 5,000 by default; those beyond are one to everybody who looks. */
        public Builder mostWorkloads(int most) {
            mostWorkloads = most;
            return this;
        }

        /** How long a read of a GPU may take before the GPU counts as stalled, 5 s by default. */
        public Builder deadline(Duration limit) {
            deadline = limit;
            return this;
        }

        /**
         * The deadline of the driver's initialisation and of each GPU's first read, 60 s by default: without persistence mode the driver
         * loads the GPU first (NVIDIA/nvidia-docker#723).
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
     * The newest snapshot; before the first sample one without GPUs. If sampling has stopped, one without GPUs and with a backend that is
     * not up: old numbers are never shown as if they were fresh.
     */
    public Snapshot current() {
        Newest now = newest;
        Duration age = Duration.ofNanos(time.nanos() - now.nanos());
        Duration limit = pace.interval().multipliedBy(INTERVALS_TO_BE_OUTDATED);
        boolean outdated = age.compareTo(limit) > 0
                && age.compareTo(SHORTEST_TO_BE_OUTDATED) > 0
                && now.snapshot().time() != null;
        return outdated ? now.snapshot().outdated() : now.snapshot();
    }

    /**
     * The first snapshot with a sample of every GPU or a verdict why there is none, waiting for it at most so long; the newest one
     * if that time passes.
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

    /** Stops sampling and closes the backend. A driver call that hangs is left behind on its daemon thread. */
    @Override
    public void close() {
        thread.interrupt();
        enumerator.close();
        backend.close();
    }

    private void run() {
        try (fleet) {
            while (!Thread.currentThread().isInterrupted()) {
                long start = time.nanos();
                tick();
                Duration between = newest.snapshot().time() == null ? UNTIL_THE_FIRST : pace.interval();
                Thread.sleep(
                        Math.max(0, between.minusNanos(time.nanos() - start).toMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() throws InterruptedException {
        try {
            sample();
        } catch (RuntimeException | Error e) {
            // Whatever it is, the next sample may be better; a sampler that ended would look like a driver that hangs.
            System.getLogger(Sampler.class.getName()).log(System.Logger.Level.ERROR, "taking a sample", e);
        }
    }

    /** The driver gets a quarter of an interval to list and another to answer; what comes later is part of the next snapshot. */
    private void sample() throws InterruptedException {
        Duration patience = pace.interval().dividedBy(4);
        Duration listing = list(patience);
        Duration reading = read(patience);
        long start = time.nanos();
        BackendState state = enumerator.listing().backend();
        if (!state.known()) {
            return;
        }
        Snapshot next = snapshots.build(time.now(), start, state, fleet, tally.totals(pace.interval()));
        newest = new Newest(next, start);
        log.report(next);
        Duration work = listing.plus(reading).plusNanos(time.nanos() - start);
        tally.add(work);
        pace = pace.after(work);
    }

    private Duration list(Duration patience) throws InterruptedException {
        Duration took = enumerator.run(patience);
        Optional.ofNullable(enumerator.listing().inventory()).ifPresent(fleet::follow);
        return took;
    }

    /** Returns how long the slowest of the GPUs that have answered took. */
    private Duration read(Duration patience) throws InterruptedException {
        List<GpuReader> asked = new ArrayList<>();
        for (GpuReader reader : fleet.readers()) {
            if (reader.request()) {
                asked.add(reader);
            }
        }
        long end = time.nanos() + patience.toNanos();
        for (GpuReader reader : asked) {
            reader.await(Duration.ofNanos(end - time.nanos()));
        }
        return fleet.readers().stream()
                .map(GpuReader::drainTook)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }
}
