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

/** Reads one GPU on a thread of its own, so that a driver call that never returns blinds this GPU alone. For the sampling thread. */
final class GpuReader implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GpuReader.class.getName());

    /** What the GPU's last finished read came to. */
    sealed interface Outcome {

        record Sampled(Instant at, long nanos, GpuSample sample) implements Outcome {}

        record Failed(CallFault fault, Instant since) implements Outcome {}
    }

    private final TimeSource time;
    private final SamplerCounters tally;
    private final Duration deadline;
    private final Duration firstDeadline;
    private final RepeatedCall<Outcome> call;

    private volatile Gpu gpu;

    /** The handle that the read under way uses, which may be older than the newest. */
    private volatile Gpu inUse;

    private @Nullable Outcome outcome;
    private GpuMemory.@Nullable Api memoryApi;
    private Set<Integer> lastListed = Set.of();
    private Duration longest = Duration.ZERO;

    GpuReader(Gpu gpu, TimeSource time, SamplerCounters tally, Duration deadline, Duration firstDeadline) {
        this.gpu = gpu;
        this.inUse = gpu;
        this.time = time;
        this.tally = tally;
        this.deadline = deadline;
        this.firstDeadline = firstDeadline;
        this.call = new RepeatedCall<>("gpu-reader-" + gpu.identity().index(), time, this::read);
    }

    GpuIdentity identity() {
        return gpu.identity();
    }

    /** The memory call that answered last; null before one did. */
    GpuMemory.@Nullable Api memoryApi() {
        return memoryApi;
    }

    /** Goes on with the GPU's newest handle; a new one is tried at once, whatever the old one answered. */
    void use(Gpu newest) {
        if (!newest.equals(gpu)) {
            gpu = newest;
            call.failed(false);
        }
    }

    /** Begins a read, unless one is under way or the GPU failed just now. Returns whether it did. */
    boolean request() throws InterruptedException {
        await(Duration.ZERO);
        return call.begin();
    }

    /** Waits at most so long for the read under way. */
    void await(Duration patience) throws InterruptedException {
        call.finish(patience).ifPresent(this::settle);
    }

    /**
     * How long the longest read took that has finished since this was asked last. The first, in which the driver loads the GPU, and those
     * that hung do not count.
     */
    Duration drainTook() {
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
            // Failed again: it has been so since the first time.
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

    /** The processes of the last list that could be read. */
    Set<Integer> lastListed() {
        return lastListed;
    }

    /** The last finished read; null before the first. */
    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** The call that hangs; null unless a read has been going on for longer than the deadline. */
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
            tally.add(sample);
            return new Outcome.Sampled(time.now(), time.nanos(), sample);
        } catch (GpuUnavailableException e) {
            return failed(e.fault());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "reading " + identity(), e);
            return failed(new CallFault("read", e.getClass().getSimpleName()));
        }
    }

    private Outcome failed(CallFault fault) {
        tally.add(fault);
        return new Outcome.Failed(fault, time.now());
    }
}
