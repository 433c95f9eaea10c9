package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

/** A part of the range that is asked for at once, a whole number of intervals; in Unix milliseconds. */
record Slice(long from, long to) {

    static final long INTERVAL = ReportSettings.INTERVAL.toMillis();

    /** Two samples farther apart have a gap between them; so long back Prometheus looks for a sample, too. */
    static final long GAP = 300_000;

    private static final long LONGEST = Duration.ofDays(1).toMillis();

    static List<Slice> of(Instant from, Instant to) {
        long end = to.toEpochMilli();
        return LongStream.iterate(from.toEpochMilli(), begin -> begin < end, begin -> begin + LONGEST)
                .mapToObj(begin -> new Slice(begin, Math.min(begin + LONGEST, end)))
                .toList();
    }

    int intervals() {
        return (int) ((to - from) / INTERVAL);
    }

    /** The interval in which a sample tells of what went before it; negative for a time before the slice. */
    int interval(long millis) {
        return Math.floorDiv(millis - from - 1, INTERVAL) < 0 ? -1 : (int) ((millis - from - 1) / INTERVAL);
    }

    /** The slice in two; alone if it is a single interval. */
    List<Slice> halves() {
        long middle = from + intervals() / 2 * INTERVAL;
        return intervals() < 2 ? List.of(this) : List.of(new Slice(from, middle), new Slice(middle, to));
    }
}
