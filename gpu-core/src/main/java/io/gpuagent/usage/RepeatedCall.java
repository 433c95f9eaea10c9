package io.gpuagent.usage;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call into the driver that is made again and again, one at a time, on a daemon thread of its own. It may never return, and cannot be
 * taken back; then no other is begun. For one thread that begins and finishes.
 */
final class RepeatedCall<R> implements AutoCloseable {

    /** A driver call needs little stack, and a node may have many GPUs. */
    private static final long STACK_BYTES = 1 << 20;

    private final Supplier<R> call;
    private final TimeSource time;
    private final ExecutorService thread;
    private @Nullable Future<Timed<R>> underWay;
    private Instant startedAt;
    private long startedNanos;

    /** @param call returns whatever happens: what it throws is our bug, and comes out of {@link #finish} */
    RepeatedCall(String name, TimeSource time, Supplier<R> call) {
        this.call = call;
        this.time = time;
        this.startedAt = time.now();
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(null, task, name, STACK_BYTES);
            daemon.setDaemon(true);
            return daemon;
        });
    }

    /** What a call came to, and how long it took. */
    record Timed<R>(R result, Duration took) {}

    boolean isUnderWay() {
        return underWay != null;
    }

    /** Begins a call; none must be under way. */
    void begin() {
        startedAt = time.now();
        startedNanos = time.nanos();
        underWay = thread.submit(() -> new Timed<>(call.get(), Duration.ofNanos(time.nanos() - startedNanos)));
    }

    /** Waits at most so long for the call under way, and returns what it came to, once. */
    Optional<Timed<R>> finish(Duration patience) throws InterruptedException {
        if (underWay == null) {
            return Optional.empty();
        }
        try {
            Timed<R> result = underWay.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
            underWay = null;
            return Optional.of(result);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            underWay = null;
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Whether the call under way has been going on for longer than this. */
    boolean exceeds(Duration limit) {
        return underWay != null && time.nanos() - startedNanos > limit.toNanos();
    }

    /** When the last call began. */
    Instant startedAt() {
        return startedAt;
    }

    /** Begins no more calls; one that hangs is left behind. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
