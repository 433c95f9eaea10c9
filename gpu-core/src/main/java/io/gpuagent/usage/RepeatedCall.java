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
 * taken back; then no other is begun. After one that failed the next has to wait. For one thread that begins and finishes.
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
    private RetryDelay backOff;

    /** @param call returns whatever happens: what it throws is our bug, and comes out of {@link #finish} */
    RepeatedCall(String name, TimeSource time, Supplier<R> call) {
        this.call = call;
        this.time = time;
        this.startedAt = time.now();
        this.backOff = RetryDelay.none(time.nanos());
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(null, task, name, STACK_BYTES);
            daemon.setDaemon(true);
            return daemon;
        });
    }

    /** What a call came to, and how long it took. */
    record Timed<R>(R result, Duration took) {}

    /** Begins a call unless one is under way or the last failed just now. Returns whether it did. */
    boolean begin() {
        if (underWay != null || !backOff.over(time.nanos())) {
            return false;
        }
        startedAt = time.now();
        startedNanos = time.nanos();
        underWay = thread.submit(() -> new Timed<>(call.get(), Duration.ofNanos(time.nanos() - startedNanos)));
        return true;
    }

    /** Has the next call wait the longer, the more have failed in a row. */
    void failed(boolean so) {
        backOff = so ? backOff.afterFailure(time.nanos()) : RetryDelay.none(time.nanos());
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

    /** When the call under way began, if it has been going on for longer than this. */
    Optional<Instant> exceeds(Duration limit) {
        return underWay != null && time.nanos() - startedNanos > limit.toNanos()
                ? Optional.of(startedAt)
                : Optional.empty();
    }

    /** Begins no more calls; one that hangs is left behind. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
