package io.gpuagent.agent.containers;

import com.github.dockerjava.api.exception.DockerException;
import io.gpuagent.agent.containers.ContainerSource.Changes;
import io.gpuagent.retry.Backoff;
import java.io.IOException;
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
    private boolean refusalLogged;

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
        try {
            DockerConnection.open(endpoints, calls).follow(changes);
        } catch (DockerException e) {
            System.Logger.Level level = refusalLogged ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            String message = "{0}: events are refused, so renames are noticed with a delay: {1}";
            LOG.log(level, message, endpoints.name(), e.getMessage());
            refusalLogged = true;
        } catch (LookupFailedException | IOException | RuntimeException e) {
            // The next attempt may succeed. Without events, a rename is only noticed minutes later.
            LOG.log(System.Logger.Level.DEBUG, "{0}: no events: {1}", endpoints.name(), e.getMessage());
        }
    }
}
