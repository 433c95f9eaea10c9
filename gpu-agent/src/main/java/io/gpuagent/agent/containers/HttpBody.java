package io.gpuagent.agent.containers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.regex.Pattern;

/** The body of an HTTP/1.1 response. Ends with an error if the connection ends before the body does, or if the body is too long. */
final class HttpBody extends InputStream {

    /** A body in chunks, each of which states its length. */
    static final long CHUNKED = -1;
    /** A body that ends with the connection. */
    static final long TO_THE_END = -2;

    /** The maximum number of bytes of the line before a chunk: its length, and extensions, which are ignored. */
    private static final int LONGEST_CHUNK_LINE = 256;

    private static final Pattern CHUNK = Pattern.compile("0*([0-9a-fA-F]{1,7})[ \t]*(?:;.*)?");

    private final InputStream in;
    private final long length;
    private final long longest;
    /** The bytes that are left of the body, or of the present chunk. */
    private long left;

    private long total;
    private boolean ended;

    /**
     * @param length the number of bytes, {@link #CHUNKED}, or {@link #TO_THE_END}
     * @param longest the maximum number of bytes
     */
    HttpBody(InputStream in, long length, long longest) {
        this.in = in;
        this.length = length;
        this.longest = longest;
        left = length == TO_THE_END ? Long.MAX_VALUE : Math.max(length, 0);
        ended = length == 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (left == 0 && length == CHUNKED && !ended) {
            startChunk();
        }
        ended |= left == 0;
        if (ended) {
            return -1;
        }
        int read = in.read(bytes, offset, (int) Math.min(count, left));
        if (read < 0 && length != TO_THE_END) {
            throw new EOFException("the answer ended early");
        }
        ended = read < 0;
        left -= Math.max(read, 0);
        total += Math.max(read, 0);
        if (total > longest) {
            throw new ProtocolException("the answer is longer than " + longest + " bytes");
        }
        return read;
    }

    /** Reads up to the first byte of the next chunk. The last chunk has no bytes; the trailer behind it is not read. */
    private void startChunk() throws IOException {
        if (total > 0 && !HttpHead.line(in, 1).isEmpty()) {
            throw new ProtocolException("the answer has an invalid chunk");
        }
        var chunk = CHUNK.matcher(HttpHead.line(in, LONGEST_CHUNK_LINE));
        if (!chunk.matches()) {
            throw new ProtocolException("the answer has an invalid chunk");
        }
        left = Long.parseLong(chunk.group(1), 16);
    }
}
