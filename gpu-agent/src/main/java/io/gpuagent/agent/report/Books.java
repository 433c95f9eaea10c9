package io.gpuagent.agent.report;

import io.gpuagent.usage.WorkloadUsage;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The accounts of one agent's GPUs and workloads in a slice, by interval. */
final class Books {

    static final List<String> LABELS = Stream.concat(Stream.of("gpu", "uuid"), WorkloadUsage.LABEL_NAMES.stream())
            .toList();

    /** The usage of a GPU or of a workload, by interval. */
    final class Account {

        final Map<String, String> labels;

        /** For a workload, its maximum memory. */
        double peak;

        final Map<Quantity, double[]> amounts = new EnumMap<>(Quantity.class);

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

    /** For each interval, the number of seconds that scrapes of the agent cover. */
    final double[] seen;

    Books(Slice slice) {
        this.slice = slice;
        seen = new double[slice.intervals()];
    }

    Account board(Series series) {
        return boards.computeIfAbsent(series.label("uuid"), uuid -> new Account(series.labels()));
    }

    /** The account of a workload. Also creates the account of its GPU, which may have no other series. */
    Account workload(Series series) {
        board(series);
        return workloads.computeIfAbsent(identity(series), Account::new);
    }

    /** The labels that identify a workload; empty if unset. */
    static Map<String, String> identity(Series series) {
        return LABELS.stream().collect(Collectors.toMap(label -> label, series::label));
    }

    /** Spreads an amount evenly over a time and adds the part that lies in the slice. */
    void add(double[] amounts, long begin, long end, double amount) {
        if (Double.isNaN(amount)) {
            return;
        }
        // The clock of a node may be ahead, so that the begin may lie after the end.
        long from = Math.min(begin, end - 1);
        for (int i = Math.max(0, slice.interval(from)); i < amounts.length && slice.begin(i) < end; i++) {
            long overlap = Math.min(end, slice.begin(i + 1)) - Math.max(from, slice.begin(i));
            amounts[i] += amount * overlap / (end - from);
        }
    }
}
