package io.gpuagent.nvml.binding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A reusable native buffer for NVML calls. The library writes to it, and the results are read by offset. For one thread
 * at a time.
 *
 * <p>It is a direct buffer. The JVM frees it when this object is unreachable, so never during a call that uses it.
 * JavaCPP's limit on native memory does not apply: it would reject allocations if the resident set exceeds four times
 * the heap.
 */
public final class NativeMemory {

    private final ByteBuffer bytes;

    public NativeMemory(int size) {
        this.bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    public int int32(int offset) {
        return bytes.getInt(offset);
    }

    public long uint32(int offset) {
        return Integer.toUnsignedLong(bytes.getInt(offset));
    }

    public long int64(int offset) {
        return bytes.getLong(offset);
    }

    public void putInt32(int offset, int value) {
        bytes.putInt(offset, value);
    }

    public void putInt64(int offset, long value) {
        bytes.putLong(offset, value);
    }

    /** The text at the start, up to a NUL or the length. Bytes that are not UTF-8 become replacement characters. */
    String text(int length) {
        return text(at(0), length);
    }

    static String text(BytePointer start, int length) {
        byte[] text = new byte[length];
        start.get(text);
        int end = 0;
        while (end < length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }

    public void fill(byte value) {
        Pointer.memset(at(0), value, bytes.capacity());
    }

    /** The number of bytes from the offset up to and including the last byte that differs from {@code filler}. */
    public int writtenLength(int offset, byte filler) {
        int end = bytes.capacity();
        while (end > offset && bytes.get(end - 1) == filler) {
            end--;
        }
        return end - offset;
    }

    BytePointer at(int offset) {
        // Use a slice: JavaCPP counts a pointer's position in elements of its type, not in bytes.
        return new BytePointer(bytes.slice(offset, bytes.capacity() - offset));
    }

    IntPointer intAt(int offset) {
        return new IntPointer(at(offset));
    }

    <T extends Pointer> T structAt(int offset, Function<Pointer, T> type) {
        return type.apply(at(offset));
    }
}
