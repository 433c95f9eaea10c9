package io.gpuagent.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message in protocol buffers' wire format, accessed by field number: for the half dozen messages that a test sends,
 * a code generator in the build is not worthwhile.
 */
final class ProtoMessage {

    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Reads a stream to its end. */
    static ProtoMessage read(InputStream in) {
        try {
            ProtoMessage message = new ProtoMessage();
            in.transferTo(message.bytes);
            return message;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InputStream stream() {
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    ProtoMessage put(int field, long number) {
        varint(field << 3 | VARINT);
        varint(number);
        return this;
    }

    ProtoMessage put(int field, String text) {
        return put(field, text.getBytes(StandardCharsets.UTF_8));
    }

    ProtoMessage put(int field, ProtoMessage message) {
        return put(field, message.bytes.toByteArray());
    }

    private ProtoMessage put(int field, byte[] content) {
        varint(field << 3 | BYTES);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    private void varint(long number) {
        long rest = number;
        for (; rest >>> 7 != 0; rest >>>= 7) {
            bytes.write((int) rest | 0x80);
        }
        bytes.write((int) rest);
    }

    /** The text of a field that must be present. */
    String text(int field) {
        return new String(contents(field).get(0), StandardCharsets.UTF_8);
    }

    /** The value of a key in a field that is a map from text to text. */
    String text(int field, String key) {
        for (byte[] content : contents(field)) {
            ProtoMessage entry = read(new ByteArrayInputStream(content));
            if (entry.text(1).equals(key)) {
                return entry.text(2);
            }
        }
        throw new AssertionError("no " + key + " in field " + field);
    }

    private List<byte[]> contents(int wanted) {
        List<byte[]> contents = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bytes.toByteArray());
        while (in.hasRemaining()) {
            long tag = varint(in);
            byte[] content = content((int) tag & 7, in);
            if (tag >>> 3 == wanted) {
                contents.add(content);
            }
        }
        return contents;
    }

    private static byte[] content(int wire, ByteBuffer in) {
        long length = varint(in);
        byte[] content = new byte[wire == VARINT ? 0 : (int) length];
        if (wire != VARINT && wire != BYTES) {
            throw new AssertionError("a field of wire type " + wire);
        }
        in.get(content);
        return content;
    }

    private static long varint(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
    }
}
