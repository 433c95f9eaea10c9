package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A large answer, which is sent as it is to who takes it so, and unpacked on the way to others. */
record CompressedReply(String contentType, byte[] gzip) {

    /** The JDK's server keeps, for each connection, a buffer twice as large as the largest piece that it was given to send. */
    private static final int PIECE = 8 << 10;

    /** Ends the exchange with this answer. */
    void send(HttpExchange exchange) throws IOException {
        boolean taken = isTaken(exchange);
        if (taken) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        InputStream bytes = new ByteArrayInputStream(gzip);
        try (exchange;
                InputStream in = taken ? bytes : new GZIPInputStream(bytes)) {
            if (Reply.begin(exchange, 200, contentType, taken ? gzip.length : plainLength())) {
                byte[] piece = new byte[PIECE];
                for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                    exchange.getResponseBody().write(piece, 0, n);
                }
            }
        }
    }

    private static boolean isTaken(HttpExchange exchange) {
        return exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of()).stream()
                .flatMap(header -> Stream.of(header.split(",")))
                .anyMatch(encoding -> encoding.strip().equalsIgnoreCase("gzip"));
    }

    /** The format ends with it (RFC 1952, ISIZE). */
    private int plainLength() {
        return ByteBuffer.wrap(gzip).order(ByteOrder.LITTLE_ENDIAN).getInt(gzip.length - Integer.BYTES);
    }
}
