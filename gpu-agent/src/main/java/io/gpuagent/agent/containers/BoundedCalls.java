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
 * Runs calls under a deadline that holds whatever the other end does. docker-java's own response timeout has no effect on a unix
 * socket, and elsewhere bounds each read only; an interrupt closes a unix socket's channel, so that a call given up on frees its
 * thread and its descriptor. A call over TCP is freed by closing its client.
 */
final class BoundedCalls implements AutoCloseable {

    /** One each for a lookup, the opening of the events and a probe, and one that is just being freed. */
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
     * The call's result.
     *
     * @throws TimeoutException if it is not there by the deadline; the call is interrupted then
     * @throws RejectedExecutionException if earlier calls hold all threads, or after {@link #close}
     * @throws ExecutionException with what the call threw
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
