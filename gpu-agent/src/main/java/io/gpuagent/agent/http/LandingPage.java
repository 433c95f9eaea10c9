package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Supplier;

/** What a browser sees at {@code /}: what this is, how it does, who has used what and where to go on. */
final class LandingPage implements HttpHandler {

    private static final String CONTENT_SECURITY =
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final String template;
    private final Supplier<Snapshot> snapshots;

    LandingPage(String metricsPath, Supplier<Snapshot> snapshots) {
        this.template =
                new String(resource("index.html"), StandardCharsets.UTF_8).replace("${metrics}", escaped(metricsPath));
        this.snapshots = snapshots;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Snapshot snapshot = snapshots.get();
        BackendState backend = snapshot.backend();
        String page = template.replace("${notice}", notice(backend))
                .replace("${state}", escaped(state(backend)))
                .replace("${usage}", UsageTable.render(snapshot)); // last: names may look like one of the others
        exchange.getResponseHeaders().set("Content-Security-Policy", CONTENT_SECURITY);
        new Reply(200, "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8)).send(exchange);
    }

    /** A file that is shipped beside this class. */
    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(LandingPage.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String notice(BackendState backend) {
        return backend.name().equals("simulated")
                ? "<p><strong>Simulated: every figure here is invented.</strong></p>"
                : "";
    }

    private static String state(BackendState backend) {
        if (!backend.known()) {
            return "starting";
        }
        if (!backend.up()) {
            return "down: " + backend.message();
        }
        return backend.driverVersion().isEmpty() ? "up" : "up, driver " + backend.driverVersion();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
