package io.gpuagent.agent.containers;

import io.gpuagent.platform.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs calls under a deadline for the whole call, which a slow sender cannot extend. An interrupt closes the socket or file that an abandoned
 * call waits for, which frees its thread and its file descriptor.
 */
final class BoundedCalls implements AutoCloseable {

    /** One each for a lookup, for opening the event stream and for a probe, and one that is just being freed. */
    private static final int MOST_AT_ONCE = 4;

    private final Duration deadline;
    private final ThreadPoolExecutor pool;

    BoundedCalls(String name, Duration deadline) {
        this.deadline = deadline;
        pool = new ThreadPoolExecutor(
                0, MOST_AT_ONCE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), DaemonThreads.named(name + "-call"));
    }

    /**
     * Runs the call and returns its result.
     *
     * @throws TimeoutException if the deadline passes; the call is interrupted
     * @throws RejectedExecutionException if earlier calls occupy all threads, or after {@link #close}
     * @throws ExecutionException if the call throws; that exception is the cause
     */
    <T> T call(Callable<T> call) throws ExecutionException, TimeoutException, InterruptedException {
        Future<T> result = pool.submit(call);
        try {
            return result.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } finally {
            result.cancel(true);
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
