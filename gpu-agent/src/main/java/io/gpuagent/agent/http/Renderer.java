package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.gpuagent.platform.DaemonThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * Renders large responses on one thread. It renders into memory, compressed, and the request's own thread then sends the response. As a
 * result, the heap never contains a whole uncompressed response, and a slow client does not block rendering.
 */
final class Renderer implements AutoCloseable {

    /** The maximum number of responses that wait for the thread or for their client. Compressed, one of 2,000 workloads is below 1 MiB. */
    private static final int ANSWERS = 16;

    private static final int PATIENCE_SECONDS = 5;

    /** Fair, so that requests are served in order. */
    private final Semaphore room = new Semaphore(ANSWERS, true);

    /** A single thread is enough; its queue is bounded by the semaphore. */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(DaemonThreads.named("render"));

    /** The content of a large response. */
    interface Page {

        /** Writes the whole content; returns its content type. */
        String write(HttpExchange request, OutputStream out) throws IOException;
    }

    HttpHandler showing(Page page) {
        return exchange -> {
            if (!entered()) {
                Reply.text(503, "Too many requests at once").send(exchange);
                return;
            }
            try {
                rendered(page, exchange).send(exchange);
            } finally {
                room.release();
            }
        };
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private boolean entered() throws IOException {
        try {
            return room.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the server is stopping");
        }
    }

    private Reply rendered(Page page, HttpExchange exchange) throws IOException {
        try {
            return thread.submit(() -> compressed(page, exchange)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the server is stopping");
        }
    }

    private static Reply compressed(Page page, HttpExchange request) throws IOException {
        ByteArrayOutputStream memory = new ByteArrayOutputStream();
        String type;
        try (OutputStream out = new GZIPOutputStream(memory)) {
            type = page.write(request, out);
        }
        return new Reply(200, type, memory.toByteArray(), true);
    }
}
