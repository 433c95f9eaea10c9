package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The thread that makes large answers. It makes them in memory, and the request's own thread then sends them: the heap holds one page
 * in the making, however many ask, and no slow client keeps a page from being made.
 */
final class Renderer implements AutoCloseable {

    /** Answers that wait for the thread or for their client: compressed, those of 2,000 workloads are below 1 MiB each. */
    private static final int ANSWERS = 16;

    private static final int PATIENCE_SECONDS = 5;

    /** Fair, so that nobody waits for longer than those who came later. */
    private final Semaphore room = new Semaphore(ANSWERS, true);

    /** One thread, since the library's handler keeps its largest page for each; its queue is bounded by the room. */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(AgentServer.daemons("render-"));

    /** The handler, run by the thread. */
    HttpHandler running(HttpHandler handler) {
        return exchange -> {
            if (!entered()) {
                Reply.text(503, "Too many requests at once").send(exchange);
                return;
            }
            try {
                rendered(handler, exchange).send();
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

    private Answer rendered(HttpHandler handler, HttpExchange exchange) throws IOException {
        Answer answer = new Answer(exchange);
        try {
            thread.submit(() -> {
                        handler.handle(answer);
                        return answer;
                    })
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptedIOException("the server stops");
        }
        return answer;
    }
}
