package io.gpuagent.agent.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A whole answer to a request. */
record Reply(int status, String contentType, byte[] body) {

    static Reply text(int status, String text) {
        return new Reply(status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Ends the exchange with this answer. */
    void send(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (begin(exchange, status, contentType, body.length)) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Sends the headers; false if those alone were asked for. */
    static boolean begin(HttpExchange exchange, int status, String contentType, int length) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", contentType);
        headers.set("X-Content-Type-Options", "nosniff");
        boolean whole = !exchange.getRequestMethod().equals("HEAD");
        if (!whole) {
            headers.set("Content-Length", Integer.toString(length));
        }
        exchange.sendResponseHeaders(status, whole ? length : -1);
        return whole;
    }
}
