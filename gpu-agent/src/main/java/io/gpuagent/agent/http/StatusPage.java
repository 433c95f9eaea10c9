package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The status page at {@code /}: static files that display the JSON API. */
final class StatusPage {

    /** Allows no content from other origins and no inline scripts or styles, which a malicious name could inject. */
    private static final String CONTENT_SECURITY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> MODULES = List.of("page", "dom", "bars", "lines", "workloads", "health");

    /** The path of the chart library in its jar. Its version must equal that in the POM. */
    private static final String LIBRARY = "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.";

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    private StatusPage() {}

    /** The page and its resources, by path. */
    static Map<String, HttpHandler> routes(String metricsPath) {
        String html = new String(resource("page/index.html"), StandardCharsets.UTF_8);
        byte[] page = html.replace("${metrics}", escaped(metricsPath)).getBytes(StandardCharsets.UTF_8);
        Map<String, HttpHandler> routes = new HashMap<>();
        routes.put("/", secured(new Reply(200, "text/html; charset=utf-8", page)));
        MODULES.forEach(name -> routes.put("/page/" + name + ".js", file(SCRIPT, "page/" + name + ".js")));
        routes.put("/page/page.css", file(STYLE, "page/page.css"));
        routes.put("/page/uplot.js", file(SCRIPT, LIBRARY + "iife.min.js"));
        routes.put("/page/uplot.css", file(STYLE, LIBRARY + "min.css"));
        return routes;
    }

    /** A resource in this package or, with an absolute name, of the chart library. */
    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(StatusPage.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpHandler file(String type, String name) {
        return secured(new Reply(200, type, resource(name)));
    }

    private static HttpHandler secured(Reply reply) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Security-Policy", CONTENT_SECURITY);
            exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
            reply.send(exchange);
        };
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
