package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessList;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads one GPU on a dedicated thread, so that a driver call that never returns affects only this GPU. Called only by
 * the sampler thread.
 */
final class GpuReader implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GpuReader.class.getName());

    /** The result of the GPU's last finished read. */
    sealed interface Outcome {

        record Sampled(Instant at, long nanos, GpuSample sample) implements Outcome {}

        record Failed(CallFault fault, Instant since) implements Outcome {}
    }

    private final TimeSource time;
    private final SamplerCounters counters;
    private final Duration deadline;
    private final Duration firstDeadline;
    private final RepeatedCall<Outcome> call;

    private volatile Gpu gpu;

    /** The handle used by the read in progress, which may be older than {@link #gpu}. */
    private volatile Gpu inUse;

    private @Nullable Outcome outcome;
    private GpuMemory.@Nullable Api memoryApi;
    private Set<Integer> lastListed = Set.of();
    private Duration longest = Duration.ZERO;

    GpuReader(Gpu gpu, TimeSource time, SamplerCounters counters, Duration deadline, Duration firstDeadline) {
        this.gpu = gpu;
        this.inUse = gpu;
        this.time = time;
        this.counters = counters;
        this.deadline = deadline;
        this.firstDeadline = firstDeadline;
        this.call = new RepeatedCall<>("gpu-reader-" + gpu.identity().index(), time, this::read);
    }

    GpuIdentity identity() {
        return gpu.identity();
    }

    /** The memory function that last succeeded; null before the first success. */
    GpuMemory.@Nullable Api memoryApi() {
        return memoryApi;
    }

    /** Uses the GPU's newest handle from now on. A new handle is tried without back-off. */
    void use(Gpu newest) {
        if (!newest.equals(gpu)) {
            gpu = newest;
            call.failed(false);
        }
    }

    /** Begins a read unless one is in progress or backing off. Returns whether a read was begun. */
    boolean request() throws InterruptedException {
        await(Duration.ZERO);
        return call.begin();
    }

    /** Waits for the read in progress, but no longer than {@code patience}. */
    void await(Duration patience) throws InterruptedException {
        call.finish(patience).ifPresent(this::settle);
    }

    /**
     * Returns the duration of the longest read that finished since the last call of this method. It ignores the first
     * read, during which the driver initializes the GPU, and reads beyond the deadline.
     */
    Duration drainLongest() {
        Duration took = longest;
        longest = Duration.ZERO;
        return took;
    }

    private void settle(RepeatedCall.Timed<Outcome> finished) {
        Duration took = finished.took();
        if (outcome != null && took.compareTo(deadline) <= 0 && took.compareTo(longest) > 0) {
            longest = took;
        }
        call.failed(finished.result() instanceof Outcome.Failed);
        if (finished.result() instanceof Outcome.Failed failed && outcome instanceof Outcome.Failed before) {
            // Keep the time of the first failure in a series.
            outcome = new Outcome.Failed(failed.fault(), before.since());
        } else {
            outcome = finished.result();
        }
        if (outcome instanceof Outcome.Sampled sampled) {
            remember(sampled.sample());
        }
    }

    private void remember(GpuSample sample) {
        if (sample.memory() != null) {
            memoryApi = sample.memory().api();
        }
        if (sample.processes() instanceof ProcessList.Known known) {
            lastListed = known.processes().stream().map(GpuProcess::pid).collect(Collectors.toUnmodifiableSet());
        }
    }

    /** The pids of the last readable process list. */
    Set<Integer> lastListed() {
        return lastListed;
    }

    /** The result of the last finished read; null before the first. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** The call that hangs. Null unless the read in progress has exceeded its deadline. */
    GpuState.@Nullable Stalled stall() {
        return call.exceeds(outcome == null ? firstDeadline : deadline)
                .map(since -> new GpuState.Stalled(inUse.callInProgress().orElse("unknown"), since))
                .orElse(null);
    }

    @Override
    public void close() {
        call.close();
    }

    private Outcome read() {
        Gpu current = gpu;
        inUse = current;
        try {
            GpuSample sample = current.read();
            counters.add(sample);
            return new Outcome.Sampled(time.now(), time.nanos(), sample);
        } catch (GpuUnavailableException e) {
            return failed(e.fault());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "cannot read " + identity(), e);
            return failed(new CallFault("read", e.getClass().getSimpleName()));
        }
    }

    private Outcome failed(CallFault fault) {
        counters.add(fault);
        return new Outcome.Failed(fault, time.now());
    }
}
