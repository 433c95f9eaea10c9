package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The range of a report, or a part of it that is queried at once. It spans a whole number of intervals; times are Unix
 * milliseconds.
 */
record Slice(long from, long to) {

    static final long INTERVAL = ReportSettings.INTERVAL.toMillis();

    /** The maximum time between two samples without a gap between them; equals the default look-back of Prometheus. */
    static final long GAP = 300_000;

    private static final long LONGEST = Duration.ofDays(1).toMillis();
    private static final int MOST_COLUMNS = 180;

    /** Reads the data of a slice. */
    interface Reading<T> {
        T of(Slice slice) throws IOException;
    }

    static Slice of(ReportSettings.Range range) {
        return new Slice(range.from().toEpochMilli(), range.to().toEpochMilli());
    }

    List<Slice> days() {
        return LongStream.iterate(from, begin -> begin < to, begin -> begin + LONGEST)
                .mapToObj(begin -> new Slice(begin, Math.min(begin + LONGEST, to)))
                .toList();
    }

    /** Reads the slice. If the server rejects that as too much, reads its halves, recursively. */
    <T> List<T> read(Reading<T> reading) throws IOException {
        try {
            return List.of(reading.of(this));
        } catch (ServerException e) {
            if (e.remedy != ServerException.Remedy.LESS || intervals() < 2) {
                throw e;
            }
            long middle = begin(intervals() / 2);
            List<T> parts = new ArrayList<>(new Slice(from, middle).read(reading));
            parts.addAll(new Slice(middle, to).read(reading));
            return parts;
        }
    }

    int intervals() {
        return (int) ((to - from) / INTERVAL);
    }

    long begin(int interval) {
        return from + interval * INTERVAL;
    }

    /** The index of the interval that contains the time; negative before the slice. */
    int interval(long millis) {
        return (int) Math.floorDiv(millis - from, INTERVAL);
    }

    /** The intervals per column of a chart, such that there are at most {@link #MOST_COLUMNS} columns. */
    int intervalsPerColumn() {
        return (intervals() + MOST_COLUMNS - 1) / MOST_COLUMNS;
    }

    int columns() {
        return (intervals() + intervalsPerColumn() - 1) / intervalsPerColumn();
    }

    /** The start of a column. The last column may be shorter than the others. */
    long columnBegin(int column) {
        return Math.min(to, begin(column * intervalsPerColumn()));
    }
}
