package io.gpuagent.agent.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What one agent's GPUs and workloads used in a slice, interval by interval. */
final class Books {

    static final List<String> LABELS =
            List.of("gpu", "uuid", "mig", "kind", "workload", "namespace", "pod", "container", "container_id");

    /** Byte-seconds, seconds and joules of a GPU in each interval. */
    static final class Board {

        final String gpu;
        final double[] observed;
        final double[] used;
        final double[] total;
        final double[] unattributed;
        final double[] joules;
        final double[] unattributedJoules;

        Board(String gpu, int intervals) {
            this.gpu = gpu;
            observed = new double[intervals];
            used = new double[intervals];
            total = new double[intervals];
            unattributed = new double[intervals];
            joules = new double[intervals];
            unattributedJoules = new double[intervals];
        }
    }

    /** The same of a workload. */
    static final class Workload {

        final Map<String, String> labels;
        final double[] bytes;
        final double[] sm;
        final double[] joules;
        double peak;

        Workload(Map<String, String> labels, int intervals) {
            this.labels = labels;
            bytes = new double[intervals];
            sm = new double[intervals];
            joules = new double[intervals];
        }
    }

    final Slice slice;
    final Map<String, Board> boards = new HashMap<>();
    final Map<Map<String, String>, Workload> workloads = new HashMap<>();

    /** For how long the agent was seen in each interval, in seconds. */
    final double[] seen;

    Books(Slice slice) {
        this.slice = slice;
        seen = new double[slice.intervals()];
    }

    Board board(Series series) {
        return boards.computeIfAbsent(series.label("uuid"), uuid -> new Board(series.label("gpu"), slice.intervals()));
    }

    Workload workload(Series series) {
        return workloads.computeIfAbsent(identity(series), labels -> new Workload(labels, slice.intervals()));
    }

    /** The nine labels, set or not. */
    static Map<String, String> identity(Series series) {
        return LABELS.stream().collect(Collectors.toMap(label -> label, series::label));
    }

    void add(double[] intervals, long millis, double amount) {
        int i = slice.interval(millis);
        if (i >= 0 && i < intervals.length && !Double.isNaN(amount)) {
            intervals[i] += amount;
        }
    }
}
