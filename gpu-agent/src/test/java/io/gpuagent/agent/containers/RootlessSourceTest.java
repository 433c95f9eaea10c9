package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.StubDaemon;
import io.gpuagent.testing.StubDaemon.Mode;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RootlessSourceTest {

    private static final String ADAS = "a".repeat(64);
    private static final String GRACES = "b".repeat(64);

    @TempDir
    Path root;

    @Test
    void everyUsersDaemonIsQueriedAsTheyComeAndGo() throws Exception {
        try (RootlessSource source = source()) {
            assertEquals(Optional.empty(), lookup(source, ADAS));
            assertEquals(Optional.empty(), source.lookup(new Workload.Container(null, ADAS, null, null)));
            StubDaemon ada = daemon("1000/docker.sock", ADAS, "web");
            assertEquals(Optional.of("web"), lookup(source, ADAS));
            try (StubDaemon grace = daemon("1001/podman/podman.sock", GRACES, "trainer")) {
                assertEquals(Optional.of("trainer"), lookup(source, GRACES));
                assertEquals(Optional.of("web"), lookup(source, ADAS));
                ada.close();
                Files.delete(root.resolve("run/user/1000/docker.sock"));
                assertEquals(Optional.empty(), lookup(source, ADAS));
                assertTrue(grace.requests.size() > 1, grace.requests::toString);
                assertEquals(1, source.examine().size());
                assertEquals(PlaceStatus.State.ANSWERS, source.examine().get(0).state());
            }
        }
    }

    @Test
    void aDaemonThatHangsDoesNotHideAnotherAndIsNotQueriedAgain() throws Exception {
        try (RootlessSource source = source();
                StubDaemon ada = daemon("1000/docker.sock", ADAS, "web");
                StubDaemon grace = daemon("1001/docker.sock", GRACES, "trainer")) {
            assertEquals(Optional.of("trainer"), lookup(source, GRACES));
            ada.mode = Mode.HANG;
            LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(source, ADAS));
            assertEquals(false, failure.affectsSource());
            long start = System.nanoTime();
            assertEquals(Optional.of("trainer"), lookup(source, GRACES));
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(2).toNanos(), grace.requests::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n{\"Id\":\"", "x"})
    void anEndlessAnswerIsNotReadIntoMemory(String start) throws Exception {
        Path socket = root.resolve("run/user/1000/docker.sock");
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                RootlessSource source = new RootlessSource(root, Duration.ofSeconds(10))) {
            server.bind(UnixDomainSocketAddress.of(socket));
            AtomicLong sent = new AtomicLong();
            Thread hostile = new Thread(() -> flood(server, start, sent));
            hostile.start();
            assertThrows(LookupFailedException.class, () -> lookup(source, ADAS));
            hostile.join();
            assertTrue(sent.get() < 3L * DockerTransport.LONGEST_BODY, sent::toString);
        }
    }

    /** Sends until the client closes the connection. */
    private static void flood(ServerSocketChannel server, String start, AtomicLong sent) {
        try (SocketChannel connection = server.accept()) {
            connection.write(ByteBuffer.wrap(start.getBytes(StandardCharsets.UTF_8)));
            while (true) {
                sent.addAndGet(
                        connection.write(ByteBuffer.wrap("a".repeat(10_000).getBytes(StandardCharsets.UTF_8))));
            }
        } catch (IOException e) {
            // the client closed the connection
        }
    }

    @Test
    void daemonsOfAUserThatHangCostNoMoreThanOne() throws Exception {
        List<StubDaemon> daemons = new ArrayList<>();
        try (RootlessSource source = source()) {
            for (String socket : List.of("docker.sock", "podman/podman.sock")) {
                StubDaemon daemon = daemon("1000/" + socket, ADAS, "web");
                daemon.mode = Mode.HANG;
                daemons.add(daemon);
            }
            long start = System.nanoTime();
            assertThrows(LookupFailedException.class, () -> lookup(source, ADAS));
            assertTrue(System.nanoTime() - start < Duration.ofSeconds(3).toNanos());
        } finally {
            daemons.forEach(StubDaemon::close);
        }
    }

    private RootlessSource source() {
        return new RootlessSource(root, Duration.ofSeconds(1));
    }

    private StubDaemon daemon(String socket, String id, String name) throws IOException {
        Path path = root.resolve("run/user").resolve(socket);
        Files.createDirectories(path.getParent());
        StubDaemon daemon = StubDaemon.unix(path);
        daemon.names.put(id, name);
        return daemon;
    }

    private static Optional<String> lookup(RootlessSource source, String id) throws Exception {
        Workload.User user = new Workload.User(id.equals(ADAS) ? "1000" : "1001");
        return source.lookup(new Workload.Container(null, id, null, null, user, ""))
                .map(details -> details.name());
    }
}
