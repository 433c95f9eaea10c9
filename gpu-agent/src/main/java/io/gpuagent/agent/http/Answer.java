package io.gpuagent.agent.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** An exchange whose answer stays in memory, compressed, until it is sent. */
final class Answer extends HttpExchange {

    /** The JDK's server keeps, for each connection, a buffer twice as large as the largest piece that it was given to send. */
    private static final int PIECE = 8 << 10;

    private final HttpExchange exchange;
    private ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private OutputStream body = memory;
    private byte[] stored = {};
    private int status = -1;
    private long length;

    Answer(HttpExchange exchange) {
        this.exchange = exchange;
    }

    /** Ends the exchange with what was answered. */
    void send() throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, length == 0 ? stored.length : length);
            InputStream bytes = new ByteArrayInputStream(stored);
            InputStream in = length > 0 ? new InflaterInputStream(bytes) : bytes;
            byte[] piece = new byte[PIECE];
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                exchange.getResponseBody().write(piece, 0, n);
            }
        }
    }

    /** An answer of unknown length is one that the handler compresses itself. */
    @Override
    public void sendResponseHeaders(int code, long bodyLength) {
        status = code;
        length = bodyLength;
        body = bodyLength > 0 ? new DeflaterOutputStream(memory) : memory;
    }

    @Override
    public OutputStream getResponseBody() {
        return body;
    }

    @Override
    public int getResponseCode() {
        return status;
    }

    /** Keeps of the answer no more than its bytes. */
    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        if (memory.size() > 0) {
            stored = memory.toByteArray();
            memory = new ByteArrayOutputStream(0);
            body = memory;
        }
    }

    @Override
    public Headers getRequestHeaders() {
        return exchange.getRequestHeaders();
    }

    @Override
    public Headers getResponseHeaders() {
        return exchange.getResponseHeaders();
    }

    @Override
    public URI getRequestURI() {
        return exchange.getRequestURI();
    }

    @Override
    public String getRequestMethod() {
        return exchange.getRequestMethod();
    }

    @Override
    public HttpContext getHttpContext() {
        return exchange.getHttpContext();
    }

    @Override
    public InputStream getRequestBody() {
        return exchange.getRequestBody();
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return exchange.getRemoteAddress();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return exchange.getLocalAddress();
    }

    @Override
    public String getProtocol() {
        return exchange.getProtocol();
    }

    @Override
    public Object getAttribute(String name) {
        return exchange.getAttribute(name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        exchange.setAttribute(name, value);
    }

    @Override
    public void setStreams(@Nullable InputStream in, @Nullable OutputStream out) {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable HttpPrincipal getPrincipal() {
        return exchange.getPrincipal();
    }
}
