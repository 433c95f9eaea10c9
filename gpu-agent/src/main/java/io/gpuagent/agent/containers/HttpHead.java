package io.gpuagent.agent.containers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The status and the headers of an HTTP/1.1 response. Interim responses (1xx) are errors: they answer headers that the agent never sends.
 *
 * @param headers the values by name; the case of a name is ignored
 */
record HttpHead(int status, Map<String, List<String>> headers) {

    /** The maximum number of bytes of the status line and all headers. Docker's have about 300. */
    static final int LONGEST = 16 << 10;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([2-5][0-9]{2})(?: .*)?");
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /** @throws IOException if the response is not HTTP/1, is longer than {@link #LONGEST}, or ends early */
    static HttpHead read(InputStream in) throws IOException {
        int left = LONGEST;
        String statusLine = line(in, left);
        Matcher status = STATUS.matcher(statusLine);
        if (!status.matches()) {
            throw new ProtocolException("the answer is not HTTP/1.1, or has an unexpected status");
        }
        left -= statusLine.length();
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            left -= line.length();
            int colon = line.indexOf(':');
            if (colon < 0 || !NAME.matcher(line.substring(0, colon)).matches()) {
                throw new ProtocolException("the answer has an invalid header");
            }
            headers.computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return new HttpHead(Integer.parseInt(status.group(1)), headers);
    }

    /**
     * Reads a line that ends with a line feed, which a carriage return may precede. Each character of the result is one byte.
     *
     * @param longest the maximum number of bytes, without the line feed
     * @throws EOFException if the stream ends before the line does
     */
    static String line(InputStream in, int longest) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read != '\n'; read = in.read()) {
            if (read < 0) {
                throw new EOFException("the answer ended early");
            }
            if (line.length() == longest) {
                throw new ProtocolException("a line of the answer is too long");
            }
            line.append((char) read);
        }
        int end = line.length() - 1;
        return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    /** The length of the body; {@link HttpBody#CHUNKED} or {@link HttpBody#TO_THE_END} if the headers do not state one. */
    long bodyLength() throws ProtocolException {
        if (status == 204 || status == 304) {
            return 0;
        }
        List<String> codings = headers.getOrDefault("Transfer-Encoding", List.of());
        if (codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked")) {
            return HttpBody.CHUNKED;
        }
        // Old versions of Podman send "identity".
        if (!codings.isEmpty() && !(codings.size() == 1 && codings.get(0).equalsIgnoreCase("identity"))) {
            throw new ProtocolException("the answer has an unknown transfer coding");
        }
        List<String> lengths = headers.getOrDefault("Content-Length", List.of()).stream()
                .distinct()
                .toList();
        if (lengths.isEmpty()) {
            return HttpBody.TO_THE_END;
        }
        if (lengths.size() > 1 || !LENGTH.matcher(lengths.get(0)).matches()) {
            throw new ProtocolException("the answer has an invalid length");
        }
        return Long.parseLong(lengths.get(0));
    }
}
