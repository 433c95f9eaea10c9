package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link HttpHead} and {@link HttpBody} read of a response. In the tables {@code |} is the end of a line. */
class HttpResponseTest {

    private static final int LONGEST = 20;

    @ParameterizedTest
    @CsvSource(
            delimiter = '^',
            quoteCharacter = '"',
            value = {
                "HTTP/1.1 200 OK|Content-Length: 5||hello, and more^ 200 hello",
                "HTTP/1.1 200 OK|CONTENT-length:5|content-length: 5||hello^ 200 hello",
                "HTTP/1.0 404 Not Found||to the end^ 404 to the end",
                "HTTP/1.1 200||to the end^ 200 to the end",
                "HTTP/1.1 204 No Content||x^ 204",
                "HTTP/1.1 304 Not Modified|Content-Length: 5||hello^ 304",
                "HTTP/1.1 200 OK|Content-Length: 0||x^ 200",
                "HTTP/1.1 200 OK|Transfer-Encoding: identity||to the end^ 200 to the end",
                "HTTP/1.1 200 OK|Transfer-Encoding: Chunked||5|hello|0||^ 200 hello",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||0003;a=b|hel|2 |lo|0|Trailer: x||^ 200 hello",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Content-Length: 1||A|0123456789|0||^ 200 0123456789",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||0||^ 200",
                "HTTP/1.1 200 OK|Content-Length: 20||01234567890123456789^ 200 01234567890123456789"
            })
    void aResponseIsReadUpToItsEnd(String response, String expected) throws IOException {
        assertEquals(expected, read(response).strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/2 200 OK||",
                "HTTP/1.1 101 Switching Protocols||",
                "HTTP/1.1 100 Continue||HTTP/1.1 200 OK||",
                "HTTP/1.1 600 X||",
                "HTTP/1.1 20 OK||",
                "HTTP/1.1  200 OK||",
                "<html>||",
                "|",
                "HTTP/1.1 200 OK|no colon||",
                "HTTP/1.1 200 OK|a: b| folded||",
                "HTTP/1.1 200 OK|: b||",
                "HTTP/1.1 200 OK|a : b||",
                "HTTP/1.1 200 OK|Content-Length: -1||",
                "HTTP/1.1 200 OK|Content-Length: x||",
                "HTTP/1.1 200 OK|Content-Length: ||",
                "HTTP/1.1 200 OK|Content-Length: 9223372036854775808||",
                "HTTP/1.1 200 OK|Content-Length: 1|Content-Length: 2||xx",
                "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked||0||",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||x|",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||-1|",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||fffffffff|",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|hello|0||",
                "HTTP/1.1 200 OK|Content-Length: 21||012345678901234567890",
                "HTTP/1.1 200 OK||012345678901234567890",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||f|0123456789abcde|f|0123456789abcde|0||"
            })
    void anInvalidOrTooLongResponseIsAnError(String response) {
        assertThrows(ProtocolException.class, () -> read(response));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK",
                "HTTP/1.1 200 OK|",
                "HTTP/1.1 200 OK|Content-Length: 5||hell",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hell",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|"
            })
    void aResponseThatEndsEarlyIsAnError(String response) {
        assertThrows(EOFException.class, () -> read(response));
    }

    @Test
    void headersAreBoundedInTotal() throws IOException {
        String start = "HTTP/1.1 200 OK|";
        String header = "a: " + "b".repeat(97) + "|";
        assertEquals("200 ", read(start + header.repeat(150) + "|"));
        assertThrows(ProtocolException.class, () -> read(start + header.repeat(170) + "|"));
        assertThrows(ProtocolException.class, () -> read(start + "a:" + " ".repeat(HttpHead.LONGEST) + "|x"));
        assertThrows(ProtocolException.class, () -> read("HTTP/1.1 200 " + "x".repeat(HttpHead.LONGEST) + "||"));
        assertThrows(ProtocolException.class, () -> read(start + "Transfer-Encoding: chunked||1;" + "x".repeat(300)));
    }

    @Test
    void aSingleByteIsReadAsAnUnsignedNumber() throws IOException {
        InputStream body = new HttpBody(new ByteArrayInputStream(new byte[] {(byte) 0xff}), 1, LONGEST);
        assertEquals(0xff, body.read());
        assertEquals(-1, body.read());
    }

    private static String read(String response) throws IOException {
        InputStream in = new ByteArrayInputStream(response.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII));
        HttpHead head = HttpHead.read(in);
        byte[] body = new HttpBody(in, head.bodyLength(), LONGEST).readAllBytes();
        return head.status() + " " + new String(body, StandardCharsets.US_ASCII);
    }
}
