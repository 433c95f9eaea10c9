package io.gpuagent.agent.containers;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Event;
import io.gpuagent.agent.containers.ContainerSource.Changes;
import java.io.Closeable;
import java.io.EOFException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Follows a daemon's events on a connection of its own: one stream, opened again after it ends, at doubling intervals while that
 * fails. What happened in between is told as {@link Changes#returned}.
 */
final class DockerEvents implements AutoCloseable {

    private final DockerEndpoints endpoints;
    private final BoundedCalls calls;
    private final Reachability reachability;
    private final Backoff backoff;
    private @Nullable Thread thread;

    DockerEvents(DockerEndpoints endpoints, BoundedCalls calls, Reachability reachability, Backoff backoff) {
        this.endpoints = endpoints;
        this.calls = calls;
        this.reachability = reachability;
        this.backoff = backoff;
    }

    synchronized void start(Changes changes) {
        thread = new Thread(() -> run(changes), "docker-events");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public synchronized void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run(Changes changes) {
        try {
            for (int failures = 0; ; failures++) {
                if (follow(changes)) {
                    failures = 0;
                }
                TimeUnit.NANOSECONDS.sleep(backoff.after(failures).toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the stream has ended; whether there was one. Only one that cannot be opened again tells of trouble. */
    private boolean follow(Changes changes) throws InterruptedException {
        try (DockerConnection connection = DockerConnection.open(endpoints, calls, null)) {
            Stream stream = new Stream(changes);
            connection.follow(stream);
            if (!hasStarted(stream, connection)) {
                return false;
            }
            reachability.up(connection.description());
            changes.returned();
            stream.awaitEnd();
            return true;
        } catch (LookupFailedException e) {
            reachability.down(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private boolean hasStarted(Stream stream, DockerConnection connection)
            throws LookupFailedException, InterruptedException {
        try {
            stream.started.get(calls.deadline().toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LookupFailedException trouble = connection.trouble(e);
            if (e.getCause() instanceof DockerException) {
                reachability.limited("events are refused, so renames are seen late: " + trouble.getMessage());
                return false;
            }
            throw trouble;
        }
    }

    /** One stream of events, from its first answer to its end. */
    private static final class Stream implements ResultCallback<Event> {

        private final Changes changes;
        private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();
        private final CountDownLatch ended = new CountDownLatch(1);

        Stream(Changes changes) {
            this.changes = changes;
        }

        void awaitEnd() throws InterruptedException {
            ended.await();
        }

        @Override
        public void onStart(Closeable stream) {
            started.complete(null);
        }

        @Override
        public void onNext(Event event) {
            String id = event.getActor() != null ? event.getActor().getId() : event.getId();
            if (id != null) {
                changes.changed(id);
            }
        }

        @Override
        public void onError(Throwable thrown) {
            started.completeExceptionally(thrown);
            ended.countDown();
        }

        @Override
        public void onComplete() {
            onError(new EOFException("the stream of events ended"));
        }

        /** The connection's end is the stream's. */
        @Override
        public void close() {}
    }
}
