package io.gpuagent.usage;

import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.retry.Backoff;
import io.gpuagent.retry.Retries;
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
 * A driver call that is made repeatedly on a dedicated daemon thread, one at a time. A call that never returns cannot
 * be canceled, and prevents further calls. After a failure the next call is delayed. All methods must be called by one
 * thread.
 */
final class RepeatedCall<R> implements AutoCloseable {

    /** Driver calls need little stack, and a node may have many GPUs. */
    private static final long STACK_BYTES = 1 << 20;

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    private final Supplier<R> call;
    private final TimeSource time;
    private final ExecutorService thread;
    private final Retries retries = new Retries(BACKOFF);
    private @Nullable Future<Timed<R>> inProgress;
    private Instant startedAt;
    private long startedNanos;

    /** @param call the driver call. It must not throw: an exception is a bug and is rethrown by {@link #finish} */
    RepeatedCall(String name, TimeSource time, Supplier<R> call) {
        this.call = call;
        this.time = time;
        this.startedAt = time.now();
        this.thread = Executors.newSingleThreadExecutor(task -> DaemonThreads.of(name, STACK_BYTES, task));
    }

    /** The result of a call and its duration. */
    record Timed<R>(R result, Duration took) {}

    /** Begins a call, unless one is in progress or the next one is not due yet. Returns whether a call was begun. */
    boolean begin() {
        if (inProgress != null || !retries.isDue(time.nanos())) {
            return false;
        }
        startedAt = time.now();
        startedNanos = time.nanos();
        inProgress = thread.submit(() -> new Timed<>(call.get(), Duration.ofNanos(time.nanos() - startedNanos)));
        return true;
    }

    /** Records whether the last call failed. Backs off exponentially on consecutive failures. */
    void failed(boolean failure) {
        if (failure) {
            retries.failed(time.nanos());
        } else {
            retries.succeeded();
        }
    }

    /** Waits for the call in progress, but no longer than {@code patience}. Returns each result once. */
    Optional<Timed<R>> finish(Duration patience) throws InterruptedException {
        if (inProgress == null) {
            return Optional.empty();
        }
        try {
            Timed<R> result = inProgress.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
            inProgress = null;
            return Optional.of(result);
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            inProgress = null;
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Returns the start time of the call in progress if it has been running for longer than the limit. */
    Optional<Instant> exceeds(Duration limit) {
        return inProgress != null && time.nanos() - startedNanos > limit.toNanos()
                ? Optional.of(startedAt)
                : Optional.empty();
    }

    /** Prevents further calls. A call that hangs is abandoned. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
