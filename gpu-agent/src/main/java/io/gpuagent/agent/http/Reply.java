package io.gpuagent.agent.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A complete response.
 *
 * @param isCompressed whether the body is compressed with gzip; it is decompressed while it is sent to a client that does not accept gzip
 */
record Reply(int status, String contentType, byte[] body, boolean isCompressed) {

    /**
     * The maximum number of bytes per write. It is small, because the JDK's server keeps, per connection, a buffer twice as large as the
     * largest write so far.
     */
    private static final int PIECE = 8 << 10;

    Reply(int status, String contentType, byte[] body) {
        this(status, contentType, body, false);
    }

    static Reply text(int status, String text) {
        return new Reply(status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Sends this response, for HEAD only its headers, and ends the exchange. */
    void send(HttpExchange exchange) throws IOException {
        boolean unpacked = isCompressed && !takesCompressed(exchange);
        int length = unpacked ? plainLength() : body.length;
        // The JDK's server interprets a length of 0 as unknown.
        boolean headersAlone = length == 0 || exchange.getRequestMethod().equals("HEAD");
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", contentType);
        headers.set("Content-Length", Integer.toString(length));
        headers.set("X-Content-Type-Options", "nosniff");
        if (isCompressed && !unpacked) {
            headers.set("Content-Encoding", "gzip");
        }
        try (exchange) {
            exchange.sendResponseHeaders(status, headersAlone ? -1 : length);
            if (!headersAlone) {
                sendBody(exchange, unpacked);
            }
        }
    }

    private void sendBody(HttpExchange exchange, boolean unpacked) throws IOException {
        InputStream bytes = new ByteArrayInputStream(body);
        try (InputStream in = unpacked ? new GZIPInputStream(bytes) : bytes) {
            byte[] piece = new byte[PIECE];
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                exchange.getResponseBody().write(piece, 0, n);
            }
        }
    }

    private static boolean takesCompressed(HttpExchange exchange) {
        return exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of()).stream()
                .flatMap(header -> Stream.of(header.split(",")))
                .anyMatch(encoding -> encoding.strip().equalsIgnoreCase("gzip"));
    }

    /** The uncompressed length, which is the last field of the gzip format (RFC 1952, ISIZE). */
    private int plainLength() {
        return ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getInt(body.length - Integer.BYTES);
    }
}
