package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The totals over the range. */
final class Tally {

    /** The sum of each quantity. */
    static final class Sums {

        private final Map<Quantity, Double> sums = new EnumMap<>(Quantity.class);

        void add(Books.Account account) {
            account.amounts.forEach((quantity, amounts) -> add(quantity, Division.sum(amounts)));
        }

        private void add(Quantity quantity, double amount) {
            sums.merge(quantity, amount, Double::sum);
        }

        void add(Sums others) {
            others.sums.forEach(this::add);
        }

        /** Adds one quantity of other sums to a quantity of these sums that has the same unit. */
        void add(Quantity quantity, Sums others, Quantity theirs) {
            add(quantity, others.sums.getOrDefault(theirs, 0.0));
        }

        /** The sum in the display unit. */
        double get(Quantity quantity) {
            return sums.getOrDefault(quantity, 0.0) / quantity.unit;
        }
    }

    /** The totals of one row of the report. */
    static final class Group {

        final Sums sums = new Sums();
        double peak;

        /** The intervals in which the group held memory. */
        final BitSet held = new BitSet();

        /** Byte-seconds in each column of the chart. */
        final float[] columns;

        Group(int columns) {
            this.columns = new float[columns];
        }
    }

    /** The totals of one GPU. */
    record Device(String index, String model, Sums sums) {}

    /** The GPUs and the totals of a node. */
    static final class Node {

        final Map<String, Device> devices = new TreeMap<>();

        /** The time for which there are scrapes of its agent in each interval of the range, in seconds. */
        final float[] seen;

        final float[] used;
        final float[] total;

        Node(Slice range) {
            seen = new float[range.intervals()];
            used = new float[range.columns()];
            total = new float[range.columns()];
        }
    }

    /** The group of all workloads that the filter excludes. */
    static final List<String> OTHERS = List.of("(others)");

    final Slice range;
    final Map<List<String>, Group> groups = new HashMap<>();
    final Map<String, Node> nodes = new TreeMap<>();

    /** GPU-seconds charged to the containers of each namespace. */
    final Map<String, Double> namespaces = new HashMap<>();

    private final ReportSettings settings;

    Tally(ReportSettings settings) {
        this.settings = settings;
        range = Slice.of(settings.range());
    }

    /** @param labels all labels of a workload, by the nine labels that identify it */
    synchronized void add(Agent agent, Books books, Map<Map<String, String>, Map<String, String>> labels) {
        Node node = nodes.computeIfAbsent(agent.node(), name -> new Node(range));
        int first = range.interval(books.slice.from());
        for (int i = 0; i < books.seen.length; i++) {
            node.seen[first + i] += (float) books.seen[i];
        }
        Map<String, List<Books.Account>> byBoard = books.workloads.values().stream()
                .collect(Collectors.groupingBy(workload -> workload.labels.get("uuid")));
        books.boards.forEach((uuid, board) -> {
            Division.divide(board, byBoard.getOrDefault(uuid, List.of()), settings.share());
            String index = board.labels.getOrDefault("gpu", "");
            String model = agent.models().getOrDefault(uuid, "");
            node.devices
                    .computeIfAbsent(uuid, any -> new Device(index, model, new Sums()))
                    .sums
                    .add(board);
            columns(node.used, board.of(Quantity.USED), first);
            columns(node.total, board.of(Quantity.TOTAL), first);
        });
        books.workloads.forEach((identity, workload) ->
                charge(group(agent, workload, labels.getOrDefault(identity, Map.of())), workload, first));
    }

    private Group group(Agent agent, Books.Account workload, Map<String, String> info) {
        Function<String, String> label = name -> switch (name) {
            case "node" -> agent.node();
            case "batch_job" -> job(workload.labels);
            default -> workload.labels.getOrDefault(name, info.getOrDefault(name, ""));
        };
        boolean wanted = settings.filter().entrySet().stream()
                .allMatch(entry ->
                        entry.getValue().matcher(label.apply(entry.getKey())).matches());
        List<String> name = wanted ? settings.by().stream().map(label).toList() : OTHERS;
        return groups.computeIfAbsent(name, any -> new Group(range.columns()));
    }

    /** A job in a pod, a container or a guest is not the host's job of that number, and is reported with its owner's name. */
    private static String job(Map<String, String> labels) {
        String job = labels.getOrDefault("batch_job", "");
        String workload = labels.getOrDefault("workload", "");
        String namespace = labels.getOrDefault("namespace", "");
        boolean ofHost = workload.equals(job)
                || workload.startsWith(job + "/")
                || !labels.getOrDefault("container_id", "").isEmpty();
        if (job.isEmpty() || namespace.isEmpty() && ofHost) {
            return job;
        }
        return namespace.isEmpty() ? workload : namespace + "/" + labels.getOrDefault("pod", "") + "/" + job;
    }

    private void charge(Group group, Books.Account workload, int first) {
        group.sums.add(workload);
        group.peak = Math.max(group.peak, workload.peak);
        double[] held = workload.of(Quantity.HELD);
        columns(group.columns, held, first);
        IntStream.range(0, held.length).filter(i -> held[i] > 0).forEach(i -> group.held.set(first + i));
        double charged = Division.sum(workload.of(Quantity.CHARGED));
        namespaces.merge(workload.labels.get("namespace"), charged, Double::sum);
    }

    private void columns(float[] columns, double[] amounts, int first) {
        for (int i = 0; i < amounts.length; i++) {
            columns[(first + i) / range.intervalsPerColumn()] += (float) amounts[i];
        }
    }
}
