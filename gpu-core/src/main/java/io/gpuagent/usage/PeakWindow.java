package io.gpuagent.usage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The maximum over a sliding time window. It keeps only values that may still become the maximum, in decreasing order.
 */
final class PeakWindow {

    private final Deque<Value> candidates = new ArrayDeque<>();

    private record Value(long nanos, long bytes) {}

    void add(long nanos, long bytes) {
        while (!candidates.isEmpty() && candidates.getLast().bytes() <= bytes) {
            candidates.removeLast();
        }
        candidates.addLast(new Value(nanos, bytes));
    }

    void addAll(PeakWindow other) {
        List<Value> all = Stream.concat(candidates.stream(), other.candidates.stream())
                .sorted((one, two) -> Long.signum(one.nanos() - two.nanos()))
                .toList();
        candidates.clear();
        all.forEach(value -> add(value.nanos(), value.bytes()));
    }

    /** The largest value that is at most {@code length} old; null if there is none. */
    @Nullable
    Long largest(long nanos, long length) {
        while (!candidates.isEmpty() && nanos - candidates.getFirst().nanos() > length) {
            candidates.removeFirst();
        }
        return candidates.isEmpty() ? null : candidates.getFirst().bytes();
    }
}
