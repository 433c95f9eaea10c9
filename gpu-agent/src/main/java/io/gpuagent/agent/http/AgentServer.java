package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.AbortPolicy;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The agent's HTTP server. Requests are answered from the newest snapshot. A slow client can occupy only one of many threads, for a limited
 * time. Large responses, which need much memory, are rendered one at a time by a separate thread.
 */
public final class AgentServer implements AutoCloseable {

    /** Many, because a client that does not finish sending a request or reading a response occupies a thread until the time limit. */
    private static final int THREADS = 320;

    /**
     * The maximum number of connections. It is below the usual limit of 1024 open files, because sampling needs file descriptors as well. An
     * idle connection needs no thread.
     */
    private static final String CONNECTIONS = "640";

    private static final int BACKLOG = 128;

    private final History history = new History();
    private final Renderer renderer = new Renderer();
    private final ThreadPoolExecutor pool = pool();
    private final ScheduledExecutorService recorder =
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("history"));
    private final HttpServer server;
    private final @Nullable WebConfigFile web;

    private AgentServer(HttpServer server, @Nullable WebConfigFile web) {
        this.server = server;
        this.web = web;
    }

    /**
     * Starts the server.
     *
     * @param metricsPath the path of the registry's metrics, such as {@code /metrics}; begins with a slash
     * @param snapshots supplies the newest snapshot; called by any thread
     * @param doctor supplies the latest doctor report as JSON; does not block
     * @param web TLS and users; null to serve without TLS and authentication. Closed with the server.
     * @throws IOException if the server cannot listen on the address; the message names it
     */
    public static AgentServer start(
            InetSocketAddress address,
            String metricsPath,
            CollectorRegistry registry,
            Supplier<Snapshot> snapshots,
            Supplier<String> doctor,
            @Nullable WebConfigFile web)
            throws IOException {
        AgentServer started = new AgentServer(listen(address, web), web);
        started.serve(started.routes(metricsPath, registry, snapshots, doctor), snapshots);
        return started;
    }

    private void serve(Map<String, HttpHandler> routes, Supplier<Snapshot> snapshots) {
        HttpContext context = server.createContext("/", new Router(routes));
        if (web != null) {
            context.setAuthenticator(new WebConfigAuthenticator(web::config));
        }
        server.setExecutor(pool);
        // A fixed delay, because a fixed rate would catch up on all missed runs after the machine was suspended.
        recorder.scheduleWithFixedDelay(
                () -> history.add(Instant.now(), snapshots.get()), 0, History.STEP.toSeconds(), TimeUnit.SECONDS);
        server.start();
    }

    private Map<String, HttpHandler> routes(
            String metricsPath, CollectorRegistry registry, Supplier<Snapshot> snapshots, Supplier<String> doctor) {
        Map<String, HttpHandler> routes = StatusPage.routes(metricsPath);
        routes.put("/api/v1/usage", renderer.showing(json(() -> UsageJson.of(snapshots.get()))));
        routes.put("/api/v1/history", renderer.showing(json(history::json)));
        routes.put("/api/v1/doctor", renderer.showing(json(doctor)));
        for (String name : List.of("usage.schema.json", "history.schema.json")) {
            Reply schema = new Reply(200, "application/schema+json", StatusPage.resource(name));
            routes.put("/api/v1/" + name, schema::send);
        }
        routes.put("/-/healthy", Reply.text(200, "Healthy")::send);
        routes.put("/-/ready", exchange -> ready(snapshots.get()).send(exchange));
        routes.put(metricsPath, renderer.showing(new MetricsPage(registry)));
        return routes;
    }

    /** The address that the server listens on, with the actual port if port 0 was requested. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Stops listening immediately and aborts running requests. */
    @Override
    public void close() {
        server.stop(0);
        pool.shutdownNow();
        recorder.shutdownNow();
        renderer.close();
        if (web != null) {
            web.close();
        }
    }

    private static HttpServer listen(InetSocketAddress address, @Nullable WebConfigFile web) throws IOException {
        limit("sun.net.httpserver.maxReqTime", "5");
        limit("sun.net.httpserver.maxRspTime", "15");
        limit("jdk.httpserver.maxConnections", CONNECTIONS);
        limit("sun.net.httpserver.nodelay", "true");
        try {
            if (web == null || web.tls().isEmpty()) {
                return HttpServer.create(address, BACKLOG);
            }
            HttpsServer server = HttpsServer.create(address, BACKLOG);
            server.setHttpsConfigurator(web.tls().get());
            return server;
        } catch (IOException | UnresolvedAddressException e) {
            String reason = address.isUnresolved() ? "the host is unknown" : e.getMessage();
            String host = address.getHostString();
            String shown = host.contains(":") ? "[" + host + "]" : host;
            throw new IOException("Cannot listen on " + shown + ":" + address.getPort() + ": " + reason, e);
        }
    }

    /**
     * Sets a limit of the JDK's HTTP server, unless it is already set. The server reads its limits from system properties, once per process;
     * by default there is no time limit for slow clients.
     */
    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Threads that read requests and send responses. They have small stacks and no buffers. */
    private static ThreadPoolExecutor pool() {
        return new ThreadPoolExecutor(
                0,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                DaemonThreads.named("http"),
                new AbortPolicy());
    }

    private static Renderer.Page json(Supplier<String> line) {
        return (request, out) -> {
            out.write((line.get() + "\n").getBytes(StandardCharsets.UTF_8));
            return "application/json";
        };
    }

    private static Reply ready(Snapshot snapshot) {
        return snapshot.time() != null || snapshot.backend().known()
                ? Reply.text(200, "Ready")
                : Reply.text(503, "Waiting for the first sample");
    }
}
