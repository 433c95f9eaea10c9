package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The sums over the range. Its size goes with groups, GPUs and nodes, not with the length of the range. */
final class Tally {

    /** What one line of the report used; byte-seconds, seconds and joules. */
    static final class Group {

        double bytes;
        double peak;
        double sm;
        double gpu;
        double joules;
        double spread;

        /** The intervals in which it held memory. */
        final BitSet held = new BitSet();

        final float[] columns;

        Group(int columns) {
            this.columns = new float[columns];
        }
    }

    /** What one GPU was seen to do; for a node, what all of its GPUs did. */
    static final class Device {

        String index = "";
        String model = "";
        double observed;
        double idle;
        double used;
        double total;
        double attributed;
        double unattributed;
        double joules;
        double unattributedJoules;
    }

    /** What is known of a node. */
    static final class Node {

        final Map<String, Device> devices = new TreeMap<>();

        /** For how long its agent was seen, in each interval of the range; in seconds. */
        final float[] seen;

        final float[] used;
        final float[] total;

        Node(Timeline line) {
            seen = new float[line.intervals()];
            used = new float[line.columns()];
            total = new float[line.columns()];
        }
    }

    /** The line of all workloads that the filter leaves out. */
    static final List<String> OTHERS = List.of("(others)");

    final Timeline line;
    final Map<List<String>, Group> groups = new HashMap<>();
    final Map<String, Node> nodes = new TreeMap<>();

    /** Seconds of GPUs that containers of each namespace are charged with. */
    final Map<String, Double> namespaces = new HashMap<>();

    private final ReportSettings settings;

    Tally(ReportSettings settings) {
        this.settings = settings;
        line = Timeline.of(settings.range());
    }

    /** @param labels what is known of a workload beside its nine labels */
    synchronized void add(Agent agent, Books books, Function<Map<String, String>, Map<String, String>> labels) {
        Node node = nodes.computeIfAbsent(agent.node(), name -> new Node(line));
        for (int i = 0; i < books.seen.length; i++) {
            node.seen[line.interval(books.slice, i)] += (float) books.seen[i];
        }
        Map<String, List<Books.Workload>> byBoard = books.workloads.values().stream()
                .collect(Collectors.groupingBy(workload -> workload.labels.get("uuid")));
        Map<Books.Workload, Group> lines = books.workloads.values().stream()
                .collect(Collectors.toMap(
                        workload -> workload, workload -> group(agent, workload, labels.apply(workload.labels))));
        books.boards.forEach((uuid, board) -> {
            Device device = node.devices.computeIfAbsent(uuid, any -> new Device());
            device.index = board.gpu;
            device.model = agent.models().getOrDefault(uuid, "");
            add(node, device, board, books.slice);
            divide(device, board, byBoard.getOrDefault(uuid, List.of()), lines, books.slice);
        });
    }

    private Group group(Agent agent, Books.Workload workload, Map<String, String> info) {
        Function<String, String> label = name ->
                name.equals("node") ? agent.node() : workload.labels.getOrDefault(name, info.getOrDefault(name, ""));
        boolean wanted = settings.filter().entrySet().stream()
                .allMatch(entry ->
                        entry.getValue().matcher(label.apply(entry.getKey())).matches());
        List<String> name = wanted ? settings.by().stream().map(label).toList() : OTHERS;
        Group group = groups.computeIfAbsent(name, any -> new Group(line.columns()));
        group.peak = Math.max(group.peak, workload.peak);
        return group;
    }

    private void add(Node node, Device device, Books.Board board, Slice slice) {
        device.observed += Division.sum(board.observed);
        device.used += Division.sum(board.used);
        device.total += Division.sum(board.total);
        device.unattributed += Division.sum(board.unattributed);
        device.joules += Division.sum(board.joules);
        device.unattributedJoules += Division.sum(board.unattributedJoules);
        for (int i = 0; i < board.used.length; i++) {
            int column = line.interval(slice, i) / line.intervalsPerColumn();
            node.used[column] += (float) board.used[i];
            node.total[column] += (float) board.total[i];
        }
    }

    private void divide(
            Device device,
            Books.Board board,
            List<Books.Workload> workloads,
            Map<Books.Workload, Group> lines,
            Slice slice) {
        for (int i = 0; i < board.observed.length; i++) {
            double[] shares = Division.shares(workloads, i, settings.share());
            if (Division.sum(shares) == 0) {
                device.idle += board.observed[i];
            }
            int interval = line.interval(slice, i);
            for (int k = 0; k < shares.length; k++) {
                Books.Workload workload = workloads.get(k);
                Group group = Objects.requireNonNull(lines.get(workload));
                device.attributed += workload.bytes[i];
                group.bytes += workload.bytes[i];
                group.sm += workload.sm[i];
                group.joules += workload.joules[i];
                group.gpu += shares[k] * board.observed[i];
                namespaces.merge(workload.labels.get("namespace"), shares[k] * board.observed[i], Double::sum);
                group.spread += shares[k] * board.unattributedJoules[i];
                // After a gap an interval has all that was held meanwhile; the chart shows no more than can be held at
                // once.
                double most = workload.peak > 0 ? workload.peak * Slice.INTERVAL / 1e3 : workload.bytes[i];
                group.columns[interval / line.intervalsPerColumn()] += (float) Math.min(most, workload.bytes[i]);
                if (workload.bytes[i] > 0) {
                    group.held.set(interval);
                }
            }
        }
    }
}
