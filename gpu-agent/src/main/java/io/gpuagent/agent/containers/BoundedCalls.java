package io.gpuagent.agent.containers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs calls under a deadline that holds whatever the other end does. docker-java's own response timeout has no effect on a unix
 * socket, and elsewhere bounds each read only; an interrupt closes a unix socket's channel, so that a call given up on frees its
 * thread and its descriptor. A call over TCP is freed by closing its client.
 */
final class BoundedCalls implements AutoCloseable {

    private static final int MOST_AT_ONCE = 2;

    private final Duration deadline;
    private final ThreadPoolExecutor pool;

    BoundedCalls(String name, Duration deadline) {
        this.deadline = deadline;
        pool = new ThreadPoolExecutor(
                MOST_AT_ONCE, MOST_AT_ONCE, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name + "-call");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
    }

    /**
     * The call's result.
     *
     * @throws TimeoutException if it is not there by the deadline; the call is interrupted then
     * @throws RejectedExecutionException if earlier calls held all threads until the deadline, or after {@link #close}
     * @throws ExecutionException with what the call threw
     */
    <T> T call(Callable<T> call) throws ExecutionException, TimeoutException, InterruptedException {
        AtomicBoolean begun = new AtomicBoolean();
        Future<T> result = pool.submit(() -> {
            begun.set(true);
            return call.call();
        });
        try {
            return result.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            if (!begun.get()) {
                throw new RejectedExecutionException("all threads are held", e);
            }
            throw e;
        } finally {
            result.cancel(true);
            pool.purge();
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
