package io.gpuagent.agent.report;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What one agent's GPUs and workloads used in a slice, interval by interval. */
final class Books {

    static final List<String> LABELS =
            List.of("gpu", "uuid", "mig", "kind", "workload", "namespace", "pod", "container", "container_id");

    /** What a GPU or a workload used. */
    final class Account {

        final Map<String, String> labels;

        /** Of a workload, the most memory that it held at once. */
        double peak;

        private final Map<Quantity, double[]> amounts = new EnumMap<>(Quantity.class);

        private Account(Map<String, String> labels) {
            this.labels = labels;
        }

        double[] of(Quantity quantity) {
            return amounts.computeIfAbsent(quantity, any -> new double[slice.intervals()]);
        }
    }

    final Slice slice;
    final Map<String, Account> boards = new HashMap<>();
    final Map<Map<String, String>, Account> workloads = new HashMap<>();

    /** For how long the agent was seen in each interval, in seconds. */
    final double[] seen;

    Books(Slice slice) {
        this.slice = slice;
        seen = new double[slice.intervals()];
    }

    Account board(Series series) {
        return boards.computeIfAbsent(series.label("uuid"), uuid -> new Account(series.labels()));
    }

    /** A workload is on a GPU, whatever else is known of that. */
    Account workload(Series series) {
        board(series);
        return workloads.computeIfAbsent(identity(series), Account::new);
    }

    /** The nine labels, set or not. */
    static Map<String, String> identity(Series series) {
        return LABELS.stream().collect(Collectors.toMap(label -> label, series::label));
    }

    /** Adds what came about evenly over a time; what of it lies outside the slice belongs to other books. */
    void add(double[] amounts, long begin, long end, double amount) {
        if (Double.isNaN(amount)) {
            return;
        }
        // The clock of a node may be ahead, and what it says began not have begun.
        long from = Math.min(begin, end - 1);
        for (int i = Math.max(0, slice.interval(from)); i < amounts.length && slice.begin(i) < end; i++) {
            long overlap = Math.min(end, slice.begin(i + 1)) - Math.max(from, slice.begin(i));
            amounts[i] += amount * overlap / (end - from);
        }
    }
}
