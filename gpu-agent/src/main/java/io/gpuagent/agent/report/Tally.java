package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The sums over the range. Its size goes with groups, GPUs and nodes, not with the length of the range. */
final class Tally {

    /** Of each quantity so much. */
    static final class Sums {

        private final Map<Quantity, Double> sums = new EnumMap<>(Quantity.class);

        void add(Quantity quantity, double amount) {
            sums.merge(quantity, amount, Double::sum);
        }

        void add(Sums others) {
            others.sums.forEach(this::add);
        }

        /** Adds what others have of a quantity to one of the same unit. */
        void add(Quantity quantity, Sums others, Quantity theirs) {
            add(quantity, others.sums.getOrDefault(theirs, 0.0));
        }

        /** In the unit that it is shown in. */
        double get(Quantity quantity) {
            return sums.getOrDefault(quantity, 0.0) / quantity.unit;
        }
    }

    /** What one line of the report used. */
    static final class Group {

        final Sums sums = new Sums();
        double peak;

        /** The intervals in which it held memory. */
        final BitSet held = new BitSet();

        /** Byte-seconds in each column of the chart. */
        final float[] columns;

        Group(int columns) {
            this.columns = new float[columns];
        }
    }

    /** What one GPU was seen to do. */
    record Device(String index, String model, Sums sums) {}

    /** What is known of a node. */
    static final class Node {

        final Map<String, Device> devices = new TreeMap<>();

        /** For how long its agent was seen, in each interval of the range; in seconds. */
        final float[] seen;

        final float[] used;
        final float[] total;

        Node(Slice range) {
            seen = new float[range.intervals()];
            used = new float[range.columns()];
            total = new float[range.columns()];
        }
    }

    /** The line of all workloads that the filter leaves out. */
    static final List<String> OTHERS = List.of("(others)");

    final Slice range;
    final Map<List<String>, Group> groups = new HashMap<>();
    final Map<String, Node> nodes = new TreeMap<>();

    /** Seconds of GPUs that containers of each namespace are charged with. */
    final Map<String, Double> namespaces = new HashMap<>();

    private final ReportSettings settings;

    Tally(ReportSettings settings) {
        this.settings = settings;
        range = Slice.of(settings.range());
    }

    /** @param labels what is known of a workload beside its nine labels */
    synchronized void add(Agent agent, Books books, Map<Map<String, String>, Map<String, String>> labels) {
        Node node = nodes.computeIfAbsent(agent.node(), name -> new Node(range));
        int first = range.interval(books.slice.from());
        for (int i = 0; i < books.seen.length; i++) {
            node.seen[first + i] += (float) books.seen[i];
        }
        Map<String, List<Books.Account>> byBoard = books.workloads.values().stream()
                .collect(Collectors.groupingBy(workload -> workload.labels.get("uuid")));
        Map<Books.Account, Group> lines = books.workloads.values().stream()
                .collect(Collectors.toMap(
                        workload -> workload,
                        workload -> group(agent, workload, labels.getOrDefault(workload.labels, Map.of()))));
        books.boards.forEach((uuid, board) -> {
            String model = agent.models().getOrDefault(uuid, "");
            Device device = node.devices.computeIfAbsent(
                    uuid, any -> new Device(board.labels.getOrDefault("gpu", ""), model, new Sums()));
            add(node, device, board, first);
            divide(device, board, byBoard.getOrDefault(uuid, List.of()), lines, first);
        });
    }

    private Group group(Agent agent, Books.Account workload, Map<String, String> info) {
        Function<String, String> label = name ->
                name.equals("node") ? agent.node() : workload.labels.getOrDefault(name, info.getOrDefault(name, ""));
        boolean wanted = settings.filter().entrySet().stream()
                .allMatch(entry ->
                        entry.getValue().matcher(label.apply(entry.getKey())).matches());
        List<String> name = wanted ? settings.by().stream().map(label).toList() : OTHERS;
        Group group = groups.computeIfAbsent(name, any -> new Group(range.columns()));
        group.peak = Math.max(group.peak, workload.peak);
        return group;
    }

    private void add(Node node, Device device, Books.Account board, int first) {
        for (Quantity quantity : Quantity.OF_BOARDS) {
            device.sums.add(quantity, Division.sum(board.of(quantity)));
        }
        double[] used = board.of(Quantity.USED);
        double[] total = board.of(Quantity.TOTAL);
        for (int i = 0; i < used.length; i++) {
            int column = (first + i) / range.intervalsPerColumn();
            node.used[column] += (float) used[i];
            node.total[column] += (float) total[i];
        }
    }

    private void divide(
            Device device,
            Books.Account board,
            List<Books.Account> workloads,
            Map<Books.Account, Group> lines,
            int first) {
        double[] observed = board.of(Quantity.OBSERVED);
        for (int i = 0; i < observed.length; i++) {
            double[] shares = Division.shares(workloads, i, settings.share());
            device.sums.add(Division.sum(shares) == 0 ? Quantity.IDLE : Quantity.OCCUPIED, observed[i]);
            for (int k = 0; k < shares.length; k++) {
                Books.Account workload = workloads.get(k);
                Group group = Objects.requireNonNull(lines.get(workload));
                double held = workload.of(Quantity.HELD)[i];
                device.sums.add(Quantity.HELD, held);
                for (Quantity quantity : Quantity.OF_WORKLOADS) {
                    group.sums.add(quantity, workload.of(quantity)[i]);
                }
                group.sums.add(Quantity.CHARGED, shares[k] * observed[i]);
                group.sums.add(Quantity.SPREAD_JOULES, shares[k] * board.of(Quantity.UNATTRIBUTED_JOULES)[i]);
                namespaces.merge(workload.labels.get("namespace"), shares[k] * observed[i], Double::sum);
                group.columns[(first + i) / range.intervalsPerColumn()] += (float) held;
                if (held > 0) {
                    group.held.set(first + i);
                }
            }
        }
    }
}
