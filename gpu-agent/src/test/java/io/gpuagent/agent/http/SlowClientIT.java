package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.metrics.GpuCollector;
import io.gpuagent.agent.metrics.SnapshotFixtures;
import io.gpuagent.testing.Opened;
import io.gpuagent.usage.Snapshot;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Malicious clients must not delay other clients. */
@Tag("alone")
@ExtendWith(Opened.Scope.class)
class SlowClientIT {

    private final ExecutorService clients = Executors.newCachedThreadPool();
    private Opened opened;
    private AgentServer server;

    @BeforeEach
    void start(Opened opened) throws IOException {
        this.opened = opened;
        Snapshot snapshot = SnapshotFixtures.large(8, 250);
        CollectorRegistry registry = new CollectorRegistry();
        new GpuCollector(() -> snapshot).register(registry);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = opened.add(AgentServer.start(anyPort, "/metrics", registry, () -> snapshot, () -> "{}", null));
        opened.add(clients::shutdownNow);
        scrape();
    }

    /** Long enough for the server's timeouts to close each of these connections. */
    @Test
    void aDripperANonReaderAndIdleConnectionsDelayNoOtherClientAndAreClosed() throws Exception {
        for (int i = 0; i < 20; i++) {
            connect();
        }
        Socket dripper = dripper();
        Socket nonReader = nonReader();
        scrapesFor(Duration.ofSeconds(18), Duration.ofSeconds(1));
        assertEquals(0, bytesUntilClosed(dripper));
        assertTrue(bytesUntilClosed(nonReader) < 100L * scrape());
    }

    /** Checks that other clients are served without delay while the server keeps these connections open. */
    @Test
    void hundredsOfPartialRequestsAndSomeNonReadersDelayNoOtherClient() throws Exception {
        for (int i = 0; i < 5; i++) {
            nonReader();
        }
        for (int i = 0; i < 300; i++) {
            connect().getOutputStream().write("GET /metrics HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));
        }
        scrapesFor(Duration.ofSeconds(7), Duration.ofSeconds(2));
    }

    @Test
    void fiftyScrapesAtOnceAreAllAnswered() throws Exception {
        CyclicBarrier together = new CyclicBarrier(50);
        List<Future<Integer>> scrapes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            scrapes.add(clients.submit(() -> {
                together.await();
                return scrape();
            }));
        }
        int length = scrape();
        for (Future<Integer> scrape : scrapes) {
            assertEquals(length, scrape.get());
        }
    }

    private void scrapesFor(Duration time, Duration longest) throws Exception {
        long worst = 0;
        for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; ) {
            long start = System.nanoTime();
            assertTrue(scrape() > 1_000_000);
            worst = Math.max(worst, (System.nanoTime() - start) / 1_000_000);
            Thread.sleep(200);
        }
        System.out.println("slowest scrape: " + worst + " ms");
        assertTrue(worst < longest.toMillis(), worst + " ms");
    }

    /** The length of a metrics page; fails if there is none. */
    private int scrape() throws IOException {
        URI page = URI.create("http://127.0.0.1:" + server.address().getPort() + "/metrics");
        HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
        connection.setReadTimeout(10_000);
        assertEquals(200, connection.getResponseCode());
        return connection.getInputStream().readAllBytes().length;
    }

    private static long bytesUntilClosed(Socket socket) throws IOException {
        socket.setSoTimeout(2000);
        long bytes = 0;
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                bytes += n;
            }
        } catch (SocketException e) {
            return bytes; // The server closed the connection with a reset.
        }
        return bytes;
    }

    private Socket dripper() throws IOException {
        Socket socket = connect();
        OutputStream out = socket.getOutputStream();
        out.write("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
        clients.submit(() -> {
            while (true) {
                out.write('a');
                Thread.sleep(500);
            }
        });
        return socket;
    }

    private Socket nonReader() throws IOException {
        Socket socket = connect();
        OutputStream out = socket.getOutputStream();
        byte[] request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        clients.submit(() -> {
            for (int i = 0; i < 400; i++) {
                out.write(request);
            }
            return null;
        });
        return socket;
    }

    private Socket connect() throws IOException {
        return opened.add(
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort()));
    }
}
