package io.gpuagent.agent.containers;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Event;
import io.gpuagent.agent.containers.ContainerSource.Changes;
import io.gpuagent.retry.Backoff;
import java.io.Closeable;
import java.util.concurrent.TimeUnit;

/**
 * Follows a daemon's events on a separate connection until interrupted. A stream that ends is opened again, with exponential back-off
 * while streams end early. Events missed in between are covered by {@link Changes#returned}.
 */
final class DockerEvents implements Runnable {

    private static final System.Logger LOG = System.getLogger(DockerEvents.class.getName());

    private final DockerEndpoints endpoints;
    private final BoundedCalls calls;
    private final Backoff backoff;
    private final Changes changes;
    private volatile boolean refusalLogged;

    DockerEvents(DockerEndpoints endpoints, BoundedCalls calls, Backoff backoff, Changes changes) {
        this.endpoints = endpoints;
        this.calls = calls;
        this.backoff = backoff;
        this.changes = changes;
    }

    /** A stream that ends early counts as a failure, because each opening triggers a lookup of every container. */
    @Override
    public void run() {
        try {
            for (int failures = 0; ; failures++) {
                long start = System.nanoTime();
                follow();
                if (System.nanoTime() - start > backoff.longest().toNanos()) {
                    failures = 0;
                }
                TimeUnit.NANOSECONDS.sleep(backoff.after(failures).toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the stream has ended or could not be opened. */
    private void follow() throws InterruptedException {
        try (DockerConnection connection = DockerConnection.open(endpoints, calls)) {
            Stream stream = new Stream();
            connection.follow(stream);
            stream.awaitCompletion();
        } catch (LookupFailedException | RuntimeException e) {
            // The next attempt may succeed. Without events, a rename is only noticed minutes later.
            LOG.log(System.Logger.Level.DEBUG, "{0}: no events: {1}", endpoints.name(), e.getMessage());
        }
    }

    /** One event stream. */
    private final class Stream extends ResultCallback.Adapter<Event> {

        @Override
        public void onStart(Closeable stream) {
            super.onStart(stream);
            changes.returned();
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
            if (thrown instanceof DockerException && !refusalLogged) {
                refusalLogged = true;
                String message = "{0}: events are refused, so renames are noticed with a delay: {1}";
                LOG.log(System.Logger.Level.WARNING, message, endpoints.name(), thrown.getMessage());
            }
            onComplete();
        }
    }
}
