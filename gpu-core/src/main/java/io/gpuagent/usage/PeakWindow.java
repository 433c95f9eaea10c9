package io.gpuagent.usage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The largest of the values of the last so many nanoseconds. Keeps only values that may still become the largest. */
final class PeakWindow {

    private final Deque<Value> falling = new ArrayDeque<>();

    private record Value(long nanos, long bytes) {}

    void add(long nanos, long bytes) {
        while (!falling.isEmpty() && falling.getLast().bytes() <= bytes) {
            falling.removeLast();
        }
        falling.addLast(new Value(nanos, bytes));
    }

    void addAll(PeakWindow other) {
        List<Value> all = Stream.concat(falling.stream(), other.falling.stream())
                .sorted((one, two) -> Long.signum(one.nanos() - two.nanos()))
                .toList();
        falling.clear();
        all.forEach(value -> add(value.nanos(), value.bytes()));
    }

    /** The largest value that is not older than {@code length} at the time; null if there is none. */
    @Nullable
    Long largest(long nanos, long length) {
        while (!falling.isEmpty() && nanos - falling.getFirst().nanos() > length) {
            falling.removeFirst();
        }
        return falling.isEmpty() ? null : falling.getFirst().bytes();
    }
}
