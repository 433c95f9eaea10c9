package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;

/** The range in columns of a chart: few enough to be seen, each a whole number of intervals. */
record Timeline(long from, long to, int intervalsPerColumn) {

    private static final int MOST = 180;

    static Timeline of(ReportSettings.Range range) {
        long intervals = (range.to().toEpochMilli() - range.from().toEpochMilli()) / Slice.INTERVAL;
        return new Timeline(
                range.from().toEpochMilli(), range.to().toEpochMilli(), (int) ((intervals + MOST - 1) / MOST));
    }

    int columns() {
        return (intervals() + intervalsPerColumn - 1) / intervalsPerColumn;
    }

    int intervals() {
        return (int) ((to - from) / Slice.INTERVAL);
    }

    /** The interval of the range that is the slice's. */
    int interval(Slice slice, int interval) {
        return (int) ((slice.from() - from) / Slice.INTERVAL) + interval;
    }

    double secondsPerColumn() {
        return intervalsPerColumn * Slice.INTERVAL / 1e3;
    }
}
