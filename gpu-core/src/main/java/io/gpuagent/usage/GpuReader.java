package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads one GPU on a thread of its own, so that a driver call that never returns blinds this GPU alone. A read that hangs cannot be
 * taken back: until it returns, no other is begun.
 */
final class GpuReader implements AutoCloseable {

    /** What the GPU's last finished read came to. */
    sealed interface Outcome {

        record Sampled(Instant at, GpuSample sample) implements Outcome {}

        record Failed(CallFault fault, Instant since) implements Outcome {}
    }

    /** A driver call needs little stack, and a node may have many GPUs. */
    private static final long STACK_BYTES = 1 << 20;

    private static final String OUR_BUG = "read";

    private final TimeSource time;
    private final Tally tally;
    private final Duration deadline;
    private final Duration firstDeadline;
    private final Thread thread;

    private volatile Gpu gpu;
    private @Nullable Outcome outcome;
    private BackOff backOff;
    private boolean requested;
    private boolean reading;
    private boolean closed;
    private long startedNanos;
    private Instant startedAt;
    private Duration took = Duration.ZERO;
    private GpuMemory.@Nullable Api memoryApi;

    GpuReader(Gpu gpu, TimeSource time, Tally tally, Duration deadline, Duration firstDeadline) {
        this.gpu = gpu;
        this.time = time;
        this.tally = tally;
        this.deadline = deadline;
        this.firstDeadline = firstDeadline;
        this.backOff = BackOff.none(time.nanos());
        this.startedAt = time.now();
        this.thread = new Thread(null, this::run, "gpu-reader-" + gpu.identity().index(), STACK_BYTES);
        this.thread.setDaemon(true);
        this.thread.start();
    }

    GpuIdentity identity() {
        return gpu.identity();
    }

    /** Goes on with the GPU's newest handle; a new one is tried at once, whatever the old one answered. */
    synchronized void use(Gpu newest) {
        if (newest != gpu) {
            gpu = newest;
            backOff = BackOff.none(time.nanos());
        }
    }

    /** Begins a read, unless one is under way or the GPU failed just now. Returns whether it did. */
    synchronized boolean request() {
        if (reading || requested || !backOff.over(time.nanos())) {
            return false;
        }
        requested = true;
        startedNanos = time.nanos();
        startedAt = time.now();
        notifyAll();
        return true;
    }

    /** Waits until the read that was requested is finished, at most so long. */
    synchronized void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (reading || requested) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return;
            }
            wait(millis);
        }
    }

    /** The last finished read; null before the first, and while a read has been hanging for longer than the deadline. */
    synchronized @Nullable Outcome outcome() {
        return stalled() ? null : outcome;
    }

    /** The memory call that answered last; null before one did. */
    synchronized GpuMemory.@Nullable Api memoryApi() {
        return memoryApi;
    }

    /** How long the last read took; zero while one is under way and after the first, in which the driver loads the GPU. */
    synchronized Duration took() {
        return reading || requested ? Duration.ZERO : took;
    }

    /** The call that hangs; null unless a read has been going on for longer than the deadline. */
    synchronized GpuState.@Nullable Stalled stall() {
        return stalled() ? new GpuState.Stalled(gpu.callInProgress().orElse("unknown"), startedAt) : null;
    }

    private boolean stalled() {
        Duration limit = outcome == null ? firstDeadline : deadline;
        return (reading || requested) && time.nanos() - startedNanos > limit.toNanos();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        try {
            while (takeRequest()) {
                Outcome next = read();
                finish(next);
            }
        } catch (InterruptedException e) {
            close();
        }
    }

    private synchronized boolean takeRequest() throws InterruptedException {
        while (!requested && !closed) {
            wait();
        }
        requested = false;
        reading = !closed;
        return reading;
    }

    private Outcome read() {
        try {
            GpuSample sample = gpu.read();
            tally.add(sample);
            return new Outcome.Sampled(time.now(), sample);
        } catch (GpuUnavailableException e) {
            return failed(e.fault());
        } catch (RuntimeException e) {
            System.getLogger(GpuReader.class.getName()).log(System.Logger.Level.ERROR, "reading " + identity(), e);
            return failed(new CallFault(OUR_BUG, e.getClass().getSimpleName()));
        }
    }

    private Outcome failed(CallFault fault) {
        tally.add(fault);
        return new Outcome.Failed(fault, time.now());
    }

    private synchronized void finish(Outcome next) {
        boolean failed = next instanceof Outcome.Failed;
        took = outcome == null ? Duration.ZERO : Duration.ofNanos(time.nanos() - startedNanos);
        backOff = failed ? backOff.afterFailure(time.nanos()) : BackOff.none(time.nanos());
        outcome = failed && outcome instanceof Outcome.Failed before
                ? new Outcome.Failed(((Outcome.Failed) next).fault(), before.since())
                : next;
        if (next instanceof Outcome.Sampled sampled && sampled.sample().memory() != null) {
            memoryApi = sampled.sample().memory().api();
        }
        reading = false;
        notifyAll();
    }
}
