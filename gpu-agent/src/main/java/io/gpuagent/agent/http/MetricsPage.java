package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.HTTPServer.HTTPMetricHandler;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;

/** The metrics of a registry, in the format that the client asks for. */
final class MetricsPage implements HttpHandler {

    private final HttpHandler page;

    MetricsPage(CollectorRegistry registry) {
        this.page = new HTTPMetricHandler(registry);
    }

    /** HEAD is not for the library: its handler announces a compressed body and then has none to send. */
    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("GET")) {
            page.handle(exchange);
            return;
        }
        try (exchange) {
            String accepted = exchange.getRequestHeaders().getFirst("Accept");
            exchange.getResponseHeaders().set("Content-Type", TextFormat.chooseContentType(accepted));
            exchange.sendResponseHeaders(200, -1);
        }
    }
}
