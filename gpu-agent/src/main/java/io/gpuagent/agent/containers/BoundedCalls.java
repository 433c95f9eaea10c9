package io.gpuagent.agent.containers;

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
 * Runs calls under a deadline that holds regardless of the other end. docker-java's response timeout has no effect on a unix socket, and
 * over TCP only limits each read. An interrupt closes the channel of a unix socket, which frees the thread and the file descriptor of an
 * abandoned call. A call over TCP is freed by closing its client.
 */
final class BoundedCalls implements AutoCloseable {

    /** One each for a lookup, for opening the event stream and for a probe, and one that is just being freed. */
    private static final int MOST_AT_ONCE = 4;

    private final Duration deadline;
    private final ThreadPoolExecutor pool;

    BoundedCalls(String name, Duration deadline) {
        this.deadline = deadline;
        pool = new ThreadPoolExecutor(0, MOST_AT_ONCE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-call");
            thread.setDaemon(true);
            return thread;
        });
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

    Duration deadline() {
        return deadline;
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
