package io.gpuagent.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Docker daemon, reduced to what name lookup needs. It misbehaves on cue: the {@link Mode} may be changed at any
 * time.
 */
public final class StubDaemon implements AutoCloseable {

    /** How requests are answered; {@link #INSPECT_HANGS} and {@link #INSPECT_FAILS} affect inspect requests only. */
    public enum Mode {
        HEALTHY,
        HANG,
        HEADERS_THEN_STALL,
        DRIBBLE,
        DRIBBLE_HEADERS,
        ENDLESS_STATUS,
        ENDLESS_HEADERS,
        ENDLESS_BODY,
        ENDLESS_CHUNKS,
        ENDLESS_CHUNK_LINE,
        ENDLESS_ERROR,
        SHORT_BODY,
        SHORT_CHUNK,
        SWITCHING_101,
        NOT_HTTP,
        GARBAGE,
        CLOSE,
        FAIL_500,
        NOT_FOUND_404,
        BAD_REQUEST_400,
        FORBID_403,
        SLOW,
        INSPECT_HANGS,
        INSPECT_FAILS,
        EVENTS_FORBIDDEN,
        EVENTS_END,
        EVENTS_HANG
    }

    private static final Pattern REQUEST = Pattern.compile("GET (?:/v(\\d+)\\.(\\d+))?(/[^ ?]*)[^ ]* HTTP/1[.][01]");
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\n";

    /**
     * Container names by container id. An entry in {@code answers} is the whole response body, byte for byte, and takes
     * precedence over a name.
     */
    public final Map<String, String> names = new ConcurrentHashMap<>();

    public final Map<String, byte[]> answers = new ConcurrentHashMap<>();

    public final List<String> requests = new CopyOnWriteArrayList<>();
    /** The number of bytes of endless answers that were written so far. */
    public final AtomicLong flood = new AtomicLong();

    public volatile Mode mode = Mode.HEALTHY;
    public volatile String engine = "Engine";
    /** The minor numbers of the oldest and newest supported API version. */
    public volatile int oldest = 24;

    public volatile int newest = 41;

    private final ServerSocketChannel server;
    private final String address;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> followers = ConcurrentHashMap.newKeySet();

    private StubDaemon(ServerSocketChannel server, String address) {
        this.server = server;
        this.address = address;
        daemon(this::accept);
    }

    public static StubDaemon unix(Path socket) {
        try {
            Files.deleteIfExists(socket);
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            return new StubDaemon(server.bind(UnixDomainSocketAddress.of(socket)), "unix://" + socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static StubDaemon tcp() {
        try {
            SocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            ServerSocketChannel server = ServerSocketChannel.open().bind(any);
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            return new StubDaemon(server, "tcp://127.0.0.1:" + port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address as passed to {@code --docker.host}. */
    public String address() {
        return address;
    }

    /** Sends an event to every follower of the event stream. */
    public void sendEvent(String action, String id) {
        String event =
                "{\"Type\":\"container\",\"Action\":\"" + action + "\",\"Actor\":{\"ID\":\"" + id + "\"},\"time\":1}\n";
        followers.forEach(follower -> {
            try {
                chunk(follower, event);
            } catch (IOException e) {
                followers.remove(follower);
            }
        });
    }

    public int followers() {
        return followers.size();
    }

    /** Closes all connections, as a restarting daemon does. */
    public void hangUp() {
        connections.forEach(StubDaemon::closeQuietly);
        followers.clear();
    }

    @Override
    public void close() {
        closeQuietly(server);
        hangUp();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                connections.add(connection);
                daemon(() -> serve(connection));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            var in = new BufferedReader(
                    new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.UTF_8));
            SocketChannel out = connection; // An output stream would share a lock with the input stream.
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                Matcher request = REQUEST.matcher(line);
                while (!in.readLine().isEmpty()) {
                    continue;
                }
                requests.add(line);
                if (!request.matches() || !answer(request, in, out) || line.endsWith("HTTP/1.0")) {
                    return;
                }
            }
        } catch (IOException | NullPointerException e) {
            // The client closed the connection.
        } finally {
            connections.remove(connection);
        }
    }

    /** Returns whether the connection stays open. */
    private boolean answer(Matcher request, BufferedReader in, SocketChannel out) throws IOException {
        String path = request.group(3);
        switch (mode) {
            case HANG -> in.read();
            case HEADERS_THEN_STALL -> {
                send(out, "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: 1000\r\n\r\n{\"Id\":");
                in.read();
            }
            case DRIBBLE -> dribble(out, "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: 1000\r\n\r\n");
            case DRIBBLE_HEADERS -> dribble(out, "HTTP/1.1 200 OK\r\nX:");
            case ENDLESS_STATUS -> flood(out, "HTTP/1.1 200 ", "x");
            case ENDLESS_HEADERS -> flood(out, "HTTP/1.1 200 OK\r\n", "a: b\r\n");
            case ENDLESS_BODY -> flood(out, "HTTP/1.1 200 OK\r\n" + JSON + "\r\n{\"Id\":\"", "x");
            case ENDLESS_CHUNKS -> flood(out, CHUNKED + "1\r\n{\r\n", "1\r\n \r\n");
            case ENDLESS_CHUNK_LINE -> flood(out, CHUNKED + "1;", "x");
            case ENDLESS_ERROR -> flood(out, "HTTP/1.1 500 X\r\n" + JSON + "\r\n", "x");
            case SHORT_BODY -> send(out, "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: 1000\r\n\r\n{\"Id\":");
            case SHORT_CHUNK -> send(out, CHUNKED + "3e8\r\n{\"Id\":");
            case SWITCHING_101 -> send(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\n\r\n{}");
            case NOT_HTTP -> send(out, "SSH-2.0-OpenSSH_9.6\r\n\r\n");
            case GARBAGE -> send(out, "HTTP/1.1 200 OK\r\n" + JSON + "Content-Length: 9\r\n\r\n<<\0%&!>>x");
            case CLOSE -> {}
            case FAIL_500 -> respond(out, 500, "{\"message\":\"on fire\"}");
            case NOT_FOUND_404 -> respond(out, 404, "{\"message\":\"page not found\"}");
            case BAD_REQUEST_400 -> respond(out, 400, "{\"message\":\"no\"}");
            case FORBID_403 -> respond(out, 403, "forbidden");
            default -> {
                return healthy(request, path, in, out);
            }
        }
        return mode == Mode.FAIL_500 || mode == Mode.NOT_FOUND_404 || mode == Mode.BAD_REQUEST_400;
    }

    private boolean healthy(Matcher request, String path, BufferedReader in, SocketChannel out) throws IOException {
        if (mode == Mode.SLOW) {
            Eventually.pause(Duration.ofMillis(300));
        }
        int minor = request.group(2) == null ? newest : Integer.parseInt(request.group(2));
        if (minor < oldest || minor > newest) {
            respond(
                    out,
                    400,
                    "{\"message\":\"client version 1." + minor + " is too " + (minor < oldest ? "old" : "new") + "\"}");
        } else if (path.equals("/version")) {
            respond(out, 200, version());
        } else if (path.equals("/events")) {
            return follow(in, out);
        } else {
            return inspect(path.split("/")[2], in, out);
        }
        return true;
    }

    private boolean inspect(String id, BufferedReader in, SocketChannel out) throws IOException {
        if (mode == Mode.INSPECT_HANGS) {
            in.read();
            return false;
        }
        byte[] answer = answers.get(id);
        String name = names.get(id);
        if (mode == Mode.INSPECT_FAILS) {
            respond(out, 500, "{\"message\":\"broken record\"}");
        } else if (answer != null) {
            respond(out, 200, answer);
        } else if (name != null) {
            String config = "\"Config\":{\"Image\":\"bb:1\",\"Labels\":{\"a\":\"b\"}}";
            respond(out, 200, "{\"Id\":\"" + id + "\",\"Name\":\"/" + name + "\"," + config + "}");
        } else {
            respond(out, 404, "{\"message\":\"No such container: " + id + "\"}");
        }
        return true;
    }

    private boolean follow(BufferedReader in, SocketChannel out) throws IOException {
        if (mode == Mode.EVENTS_FORBIDDEN) {
            respond(out, 403, "forbidden");
            return true;
        }
        if (mode == Mode.EVENTS_HANG) {
            in.read();
            return false;
        }
        if (mode == Mode.EVENTS_END) {
            respond(out, 200, "");
            return true;
        }
        send(out, "HTTP/1.1 200 OK\r\n" + JSON + "Transfer-Encoding: chunked\r\n\r\n");
        followers.add(out);
        in.read();
        followers.remove(out);
        return false;
    }

    private String version() {
        return "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1." + newest + "\",\"MinAPIVersion\":\"1." + oldest
                + "\",\"Components\":[{\"Name\":\"" + engine + "\",\"Version\":\"20.10.24\"}]}";
    }

    /** Sends until the client closes the connection. */
    private void flood(SocketChannel out, String start, String part) throws IOException {
        send(out, start);
        byte[] parts = part.repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        while (true) {
            send(out, parts);
            flood.addAndGet(parts.length);
        }
    }

    private static void dribble(SocketChannel out, String start) throws IOException {
        send(out, start);
        for (int i = 0; i < 1000; i++) {
            send(out, " ");
            Eventually.pause(Duration.ofMillis(100));
        }
    }

    private static void respond(SocketChannel out, int status, String body) throws IOException {
        respond(out, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void respond(SocketChannel out, int status, byte[] body) throws IOException {
        send(out, "HTTP/1.1 " + status + " X\r\n" + JSON + "Content-Length: " + body.length + "\r\n\r\n");
        send(out, body);
    }

    private static void chunk(SocketChannel out, String text) throws IOException {
        send(out, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private static void send(SocketChannel out, String text) throws IOException {
        send(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(SocketChannel out, byte[] data) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(data);
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "stub-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // The connection is already closed.
        }
    }
}
