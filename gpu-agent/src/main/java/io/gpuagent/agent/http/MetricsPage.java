package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The metrics of a registry, in the format that the client asks for; of the names it asks for by {@code name[]}, or all. */
record MetricsPage(CollectorRegistry registry) implements Renderer.Page {

    private static final String NAME = "name[]=";

    @Override
    public String write(HttpExchange request, OutputStream out) throws IOException {
        String type = TextFormat.chooseContentType(request.getRequestHeaders().getFirst("Accept"));
        // The library writes in bits, and a writer without a buffer makes garbage of each.
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        TextFormat.writeFormat(type, text, registry.filteredMetricFamilySamples(names(request)));
        text.flush();
        return type;
    }

    private static Set<String> names(HttpExchange request) {
        String query = Objects.requireNonNullElse(request.getRequestURI().getRawQuery(), "");
        return Stream.of(query.split("&"))
                .map(pair -> URLDecoder.decode(pair, StandardCharsets.UTF_8))
                .filter(pair -> pair.startsWith(NAME))
                .map(pair -> pair.substring(NAME.length()))
                .collect(Collectors.toSet());
    }
}
