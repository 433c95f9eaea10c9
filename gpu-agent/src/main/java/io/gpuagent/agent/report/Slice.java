package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** The range, or a part of it that is asked for at once; a whole number of intervals, in Unix milliseconds. */
record Slice(long from, long to) {

    static final long INTERVAL = ReportSettings.INTERVAL.toMillis();

    /** Two samples farther apart have a gap between them; so long back Prometheus looks for a sample, too. */
    static final long GAP = 300_000;

    private static final long LONGEST = Duration.ofDays(1).toMillis();
    private static final int MOST_COLUMNS = 180;

    /** Reads something of a slice. */
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

    /** What is read at once; of the slice's halves, and of theirs, where the server finds that too much. */
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

    /** The interval that has the time; negative for one before the slice. */
    int interval(long millis) {
        return (int) Math.floorDiv(millis - from, INTERVAL);
    }

    /** Columns of a chart are few enough to be seen, and whole numbers of intervals. */
    int intervalsPerColumn() {
        return (intervals() + MOST_COLUMNS - 1) / MOST_COLUMNS;
    }

    int columns() {
        return (intervals() + intervalsPerColumn() - 1) / intervalsPerColumn();
    }

    /** The last column may be shorter than the others. */
    long columnBegin(int column) {
        return Math.min(to, begin(column * intervalsPerColumn()));
    }
}
