package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes a request to the handler of its exact path; 404 for unknown paths, 405 for methods other than GET and HEAD. */
final class Router implements HttpHandler {

    private static final System.Logger LOG = System.getLogger(Router.class.getName());

    /** The maximum number of distinct failures to log. Messages may contain numbers that differ each time. */
    private static final int MOST_MESSAGES = 100;

    private final Map<String, HttpHandler> routes;
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    Router(Map<String, HttpHandler> routes) {
        this.routes = Map.copyOf(routes);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        HttpHandler handler = routes.get(exchange.getRequestURI().getPath());
        String method = exchange.getRequestMethod();
        if (handler == null) {
            Reply.text(404, "Not found").send(exchange);
        } else if (method.equals("GET") || method.equals("HEAD")) {
            guarded(handler, exchange);
        } else {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            Reply.text(405, "Method not allowed").send(exchange);
        }
    }

    /** Catches errors as well as exceptions, because a client without a response would wait until its timeout. */
    private void guarded(HttpHandler handler, HttpExchange exchange) throws IOException {
        try {
            handler.handle(exchange);
        } catch (RuntimeException | Error e) {
            report(exchange.getRequestURI().getPath(), e);
            if (exchange.getResponseCode() == -1) {
                Reply.text(500, "Internal error; see the agent's log").send(exchange);
            }
            exchange.close();
        }
    }

    private void report(String path, Throwable thrown) {
        if (logged.size() < MOST_MESSAGES && logged.add(path + thrown)) {
            LOG.log(Level.ERROR, "Request for " + path + " failed; identical failures are not logged again", thrown);
        }
    }
}
