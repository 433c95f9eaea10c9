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

/** What a browser sees at {@code /}: files that show what the JSON pages tell. */
final class StatusPage {

    /** Nothing from elsewhere, and no script or style that a name could bring along. */
    private static final String CONTENT_SECURITY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> MODULES = List.of("page", "dom", "bars", "lines", "workloads", "health");

    /** With the version that the POM has. */
    private static final String LIBRARY = "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.";

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    private StatusPage() {}

    /** The page and its files, by path. */
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

    /** A file that is shipped beside this class, or one of the library. */
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
