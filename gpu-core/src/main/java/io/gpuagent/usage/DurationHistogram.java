package io.gpuagent.usage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A histogram of durations.
 *
 * @param counts cumulative counts: one per bound of {@link #BOUNDS}, followed by the number of all durations
 * @param sum the sum of all durations
 */
public record DurationHistogram(List<Long> counts, Duration sum) {

    /** The upper bounds of the buckets. */
    public static final List<Duration> BOUNDS = IntStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
            .mapToObj(Duration::ofMillis)
            .toList();

    /** An empty histogram. */
    public static final DurationHistogram EMPTY =
            new DurationHistogram(Collections.nCopies(BOUNDS.size() + 1, 0L), Duration.ZERO);

    public DurationHistogram {
        counts = List.copyOf(counts);
    }

    /** The number of durations. */
    public long count() {
        return counts.get(BOUNDS.size());
    }

    DurationHistogram with(Duration duration) {
        List<Long> next = new ArrayList<>(counts);
        for (int i = 0; i < next.size(); i++) {
            if (i == BOUNDS.size() || duration.compareTo(BOUNDS.get(i)) <= 0) {
                next.set(i, next.get(i) + 1);
            }
        }
        return new DurationHistogram(next, sum.plus(duration));
    }
}
