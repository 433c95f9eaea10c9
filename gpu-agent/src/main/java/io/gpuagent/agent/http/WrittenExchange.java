package io.gpuagent.agent.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Objects;

/**
 * An exchange whose response is written to a stream instead of the client. Handlers always write the whole response, even for HEAD, and
 * without compression.
 */
final class WrittenExchange extends HttpExchange {

    private final HttpExchange request;
    private final OutputStream out;
    private final Headers asked = new Headers();
    private final Headers answered = new Headers();

    WrittenExchange(HttpExchange request, OutputStream out) {
        this.request = request;
        this.out = out;
        asked.putAll(request.getRequestHeaders());
        asked.remove("Accept-Encoding");
    }

    String contentType() {
        return Objects.requireNonNull(answered.getFirst("Content-Type"));
    }

    @Override
    public String getRequestMethod() {
        return "GET";
    }

    @Override
    public Headers getRequestHeaders() {
        return asked;
    }

    @Override
    public Headers getResponseHeaders() {
        return answered;
    }

    @Override
    public OutputStream getResponseBody() {
        return out;
    }

    @Override
    public void sendResponseHeaders(int status, long length) {}

    @Override
    public int getResponseCode() {
        return -1;
    }

    @Override
    public void close() {}

    @Override
    public URI getRequestURI() {
        return request.getRequestURI();
    }

    @Override
    public HttpContext getHttpContext() {
        return request.getHttpContext();
    }

    @Override
    public InputStream getRequestBody() {
        return request.getRequestBody();
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return request.getRemoteAddress();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return request.getLocalAddress();
    }

    @Override
    public String getProtocol() {
        return request.getProtocol();
    }

    @Override
    public Object getAttribute(String name) {
        return request.getAttribute(name);
    }

    @Override
    public void setAttribute(String name, Object value) {
        request.setAttribute(name, value);
    }

    @Override
    public void setStreams(InputStream in, OutputStream out) {
        throw new UnsupportedOperationException();
    }

    @Override
    public HttpPrincipal getPrincipal() {
        return request.getPrincipal();
    }
}
