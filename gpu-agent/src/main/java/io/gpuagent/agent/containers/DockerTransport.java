package io.gpuagent.agent.containers;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 client for the APIs of Docker and Podman, over a Unix domain socket or TCP, with or without TLS. It sends only GET requests,
 * each on a new connection. The sizes of headers and bodies are bounded, because any program of a user may listen on a user's socket.
 *
 * <p>It has no timeouts. An interrupt of the calling thread closes the connection, which {@link BoundedCalls} uses to enforce deadlines;
 * closing a response also closes its connection.
 *
 * @param endpoint a {@code unix:} or {@code tcp:} address; the path of a {@code tcp:} address precedes every request's path
 * @param tls the client's and the trusted certificates; null for a connection without TLS
 */
record DockerTransport(URI endpoint, @Nullable SSLContext tls) implements DockerHttpClient {

    /** The maximum number of bytes of a response body. Docker's answer about a container has a few thousand. */
    static final int LONGEST_BODY = 4 << 20;

    @Override
    public Response execute(Request request) {
        try {
            return send(request, LONGEST_BODY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request whose response does not end. The caller bounds what it keeps of the body. */
    Response stream(Request request) throws IOException {
        return send(request, Long.MAX_VALUE);
    }

    private Response send(Request request, long longestBody) throws IOException {
        if (!request.method().equals("GET")) {
            throw new UnsupportedOperationException(request.method());
        }
        SocketChannel channel = connect();
        try {
            SSLSocket secured = tls == null ? null : handshake(tls, channel.socket());
            OutputStream out = secured == null ? Channels.newOutputStream(channel) : secured.getOutputStream();
            out.write(head(request).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = new BufferedInputStream(
                    secured == null ? Channels.newInputStream(channel) : secured.getInputStream());
            HttpHead head = HttpHead.read(in);
            return new Answer(head, new HttpBody(in, head.bodyLength(), longestBody), channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connect() throws IOException {
        if (isUnix()) {
            return SocketChannel.open(UnixDomainSocketAddress.of(endpoint.getPath()));
        }
        IOException failure = new UnknownHostException(endpoint.getHost());
        for (InetAddress address : InetAddress.getAllByName(endpoint.getHost())) {
            try {
                // Keep-alive probes notice the end of a host that lost power while an event stream is idle.
                return SocketChannel.open(new InetSocketAddress(address, endpoint.getPort()))
                        .setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    /** Also verifies that the certificate belongs to the host. */
    private SSLSocket handshake(SSLContext context, Socket connected) throws IOException {
        String host = endpoint.getHost().replaceAll("[\\[\\]]", "");
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(connected, host, endpoint.getPort(), false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private String head(Request request) {
        String prefix = isUnix() ? "" : endpoint.getRawPath().replaceAll("/$", "");
        StringBuilder head = new StringBuilder("GET " + prefix + request.path() + " HTTP/1.1\r\n");
        head.append("Host: ")
                .append(isUnix() ? "localhost" : endpoint.getRawAuthority())
                .append("\r\n");
        request.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("Connection: close\r\n\r\n").toString();
    }

    private boolean isUnix() {
        return "unix".equals(endpoint.getScheme());
    }

    @Override
    public void close() {
        // every connection belongs to a response
    }

    private record Answer(HttpHead head, InputStream body, SocketChannel channel) implements Response {

        @Override
        public int getStatusCode() {
            return head.status();
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            return head.headers();
        }

        @Override
        public InputStream getBody() {
            return body;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
