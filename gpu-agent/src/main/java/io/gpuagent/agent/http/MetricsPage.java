package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.HTTPServer.HTTPMetricHandler;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes the metrics of a registry, either all of them or those selected by {@code name[]}, in the format that the
 * client negotiates.
 */
final class MetricsPage implements Renderer.Page {

    private final HttpHandler metrics;

    MetricsPage(CollectorRegistry registry) {
        this.metrics = new HTTPMetricHandler(registry);
    }

    @Override
    public String write(HttpExchange request, OutputStream out) throws IOException {
        WrittenExchange exchange = new WrittenExchange(request, out);
        metrics.handle(exchange);
        return exchange.contentType();
    }
}
