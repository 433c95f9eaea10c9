package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
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
 * The thread that makes large answers. It makes them in memory, compressed, and the request's own thread then sends them: no answer is
 * in the heap as a whole but compressed, and no slow client keeps one from being made.
 */
final class Renderer implements AutoCloseable {

    /** Answers that wait for the thread or for their client: compressed, those of 2,000 workloads are below 1 MiB each. */
    private static final int ANSWERS = 16;

    private static final int PATIENCE_SECONDS = 5;

    /** Fair, so that nobody waits for longer than those who came later. */
    private final Semaphore room = new Semaphore(ANSWERS, true);

    /** One thread, which is enough; its queue is bounded by the room. */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(AgentServer.daemons("render"));

    /** What a large answer says. */
    interface Page {

        /** Writes it in full; returns its content type. */
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
            throw new InterruptedIOException("the server stops");
        }
    }

    private CompressedReply rendered(Page page, HttpExchange exchange) throws IOException {
        try {
            return thread.submit(() -> compressed(page, exchange)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the server stops");
        }
    }

    private static CompressedReply compressed(Page page, HttpExchange request) throws IOException {
        ByteArrayOutputStream memory = new ByteArrayOutputStream();
        String type;
        try (OutputStream out = new GZIPOutputStream(memory)) {
            type = page.write(request, out);
        }
        return new CompressedReply(type, memory.toByteArray());
    }
}
