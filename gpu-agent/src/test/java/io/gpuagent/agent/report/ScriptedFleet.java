package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.agent.cli.ReportSettings;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A few days of two nodes with three GPUs, as text that Prometheus can read, and the true figures. Times are Unix
 * seconds.
 */
final class ScriptedFleet {

    static final double GIB = 1L << 30;
    static final int SCRAPE = 60;
    static final int STEP = 300;

    /** The offset of scrapes, in seconds, so that they do not coincide with the ends of intervals. */
    private static final int PHASE = 17;

    private static final long LINGER = 900;
    private static final double IDLE_WATTS = 60;
    private static final double BUSY_WATTS = 300;

    record Work(
            String node,
            int gpu,
            String mig,
            String namespace,
            String name,
            long start,
            long end,
            double gib,
            double sm) {

        double held(double from, double to) {
            return Math.max(0, Math.min(end, to) - Math.max(start, from));
        }

        String labels() {
            return "gpu=\"%d\",uuid=\"GPU-%s-%d\",mig=\"%s\",kind=\"container\",workload=\"%s/%s/main\",namespace=\"%s\",pod=\"%s\",container=\"main\",container_id=\"\""
                    .formatted(gpu, node, gpu, mig, namespace, name, namespace, name);
        }
    }

    /** @param restarts start times of the agent's processes */
    record Node(String name, int gpus, List<Long> restarts, long gapFrom, long gapTo, int failEvery) {

        long agent(long time) {
            return restarts.stream()
                    .filter(start -> start <= time)
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }

        boolean scraped(long time) {
            return (time < gapFrom || time > gapTo) && (time / SCRAPE) % failEvery != 0;
        }

        /** The seconds for which the node was observed. */
        double observed(long from, long to) {
            return to - from - Math.max(0, Math.min(gapTo, to) - Math.max(gapFrom, from));
        }
    }

    final long from;
    final long to;
    final List<Node> nodes;
    final List<Work> works = new ArrayList<>();

    ScriptedFleet(long from, int days) {
        this.from = from;
        to = from + days * 86_400L;
        long month = to - from;
        nodes = List.of(
                new Node(
                        "n1",
                        2,
                        List.of(from - 500_000, from + month / 3 + 17),
                        from + 40_000 / STEP * STEP,
                        from + 54_000,
                        1_000_000),
                new Node("n2", 1, List.of(from - 7_200, from + month / 2 + 23, from + month / 2 + 4000), 0, 0, 97));
        // One workload that began before the range, one that began in it, one that ended before its end.
        works.add(new Work("n1", 0, "", "ml", "train", from - 400_000, to + 5000, 30, 0.6));
        works.add(new Work("n1", 0, "", "web", "serve", from + 30_030, to + 5000, 10, 0.1));
        works.add(new Work("n2", 0, "", "ml", "tune", from - 5_000, to - 20_010, 60, 0.9));
        works.add(new Work("n1", 1, "1:0", "ml", "slice-a", from - 50_000, to + 5000, 8, 0));
        works.add(new Work("n1", 1, "2:0", "web", "slice-b", from - 50_000, to - 10_030, 16, 0));
        for (long start = from + 630, i = 0; start < to - 1000; start += 7_200, i++) {
            // Workloads of three minutes each; every second one has the GPU to itself.
            String node = i % 2 == 0 ? "n1" : "n2";
            if (node.equals("n1") && start < from + 54_000 && start + LINGER > from + 40_000) {
                // This workload began and expired during the scrape gap, so no report can know of it.
                continue;
            }
            works.add(new Work(node, 0, "", "batch", "job-" + i, start, start + 180, 20, 1));
        }
    }

    /** The server's report over the scripted range. */
    Report report(String url, String... flags) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "report",
                "--prometheus.url=" + url,
                "--from=" + Instant.ofEpochSecond(from),
                "--to=" + Instant.ofEpochSecond(to)));
        arguments.addAll(List.of(flags));
        ReportSettings settings = ((Invocation.RunReport) Invocation.of(arguments, Map.of(), () -> "host")).report();
        return new ReportReader(new PrometheusClient(settings.server(), Duration.ofMillis(1)), settings, done -> {})
                .read();
    }

    Path write(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (long time = from - 7200 + PHASE; time <= to + 300; time += SCRAPE) {
                for (Node node : nodes) {
                    if (node.scraped(time)) {
                        page(out, node, time);
                    }
                }
                out.write(
                        "kube_pod_container_resource_requests{namespace=\"ml\",pod=\"train\",container=\"main\",resource=\"nvidia_com_gpu\"} 1 "
                                + time + "\n");
                out.write(
                        "kube_pod_container_resource_requests{namespace=\"ml\",pod=\"done\",container=\"main\",resource=\"nvidia_com_gpu\"} 1 "
                                + time + "\n");
                out.write("kube_pod_status_phase{namespace=\"ml\",pod=\"train\",phase=\"Running\"} 1 " + time + "\n");
                out.write("kube_pod_status_phase{namespace=\"ml\",pod=\"done\",phase=\"Running\"} 0 " + time + "\n");
            }
            out.write("# EOF\n");
        }
        return file;
    }

    private void page(BufferedWriter out, Node node, long time) throws IOException {
        String target = "job=\"gpu\",instance=\"" + node.name + ":9900\"";
        long agent = node.agent(time);
        line(out, "gpu_agent_up", target, 1, time);
        line(out, "process_start_time_seconds", target, agent, time);
        line(out, "gpu_node_info", target + ",node=\"" + node.name + "\"", 1, time);
        for (int gpu = 0; gpu < node.gpus; gpu++) {
            board(out, node, gpu, target, agent, time);
        }
        for (Work work : works) {
            double held = work.held(agent, time);
            if (work.node.equals(node.name) && held > 0 && time <= work.end + LINGER) {
                String labels = target + "," + work.labels();
                line(out, "gpu_workload_info", labels + ",label_team=\"team-" + work.namespace + "\"", 1, time);
                line(out, "gpu_workload_memory_byte_seconds_total", labels, held * work.gib * GIB, time);
                if (work.mig.isEmpty()) {
                    line(out, "gpu_workload_sm_seconds_total", labels, held * work.sm, time);
                    line(out, "gpu_workload_energy_joules_total", labels, held * work.sm * BUSY_WATTS, time);
                }
                if (work.held(time - 60.0, time) > 0) {
                    line(out, "gpu_workload_memory_peak_bytes", labels, work.gib * GIB * 1.25, time);
                }
            }
        }
    }

    private void board(BufferedWriter out, Node node, int gpu, String target, long agent, long time)
            throws IOException {
        String labels = target + ",gpu=\"%d\",uuid=\"GPU-%s-%d\"".formatted(gpu, node.name, gpu);
        double joules = 0;
        double bytes = 0;
        for (Work work : on(node.name, gpu)) {
            joules += work.held(agent, time) * work.sm * BUSY_WATTS;
            bytes += time > work.start && time <= work.end ? work.gib * GIB : 0;
        }
        double idle = (time - agent) * IDLE_WATTS;
        line(out, "gpu_info", labels + ",model=\"H100\"", 1, time);
        line(out, "gpu_up", labels, 1, time);
        line(out, "gpu_memory_total_bytes", labels, 80 * GIB, time);
        line(out, "gpu_memory_used_bytes", labels, bytes + GIB, time);
        line(out, "gpu_memory_unattributed_bytes", labels, GIB, time);
        line(out, "gpu_energy_joules_total", labels, joules + idle, time);
        line(out, "gpu_energy_unattributed_joules_total", labels, idle, time);
    }

    private static void line(BufferedWriter out, String name, String labels, double value, long time)
            throws IOException {
        out.write(name + "{" + labels + "} " + String.format(Locale.ROOT, "%.17g", value) + " " + time + "\n");
    }

    private List<Work> on(String node, int gpu) {
        return works.stream()
                .filter(work -> work.node.equals(node) && work.gpu == gpu)
                .toList();
    }

    double gibHours(String namespace) {
        return in(namespace).mapToDouble(work -> work.held(from, to) * work.gib).sum() / 3600;
    }

    double smHours(String namespace) {
        return in(namespace).mapToDouble(work -> work.held(from, to) * work.sm).sum() / 3600;
    }

    double kwh(String namespace) {
        return smHours(namespace) * BUSY_WATTS / 1000;
    }

    private Stream<Work> in(String namespace) {
        return works.stream().filter(work -> work.namespace.equals(namespace));
    }

    double idleKwh() {
        return 3 * (to - from) * IDLE_WATTS / 3.6e6;
    }

    /** The true GPU-hours of a namespace, divided by memory as REPORT.md defines. Only observed time counts. */
    double gpuHours(String namespace) {
        double hours = 0;
        for (long at = from; at < to; at += STEP) {
            for (Node node : nodes) {
                for (int gpu = 0; gpu < node.gpus; gpu++) {
                    hours += node.observed(at, at + STEP) / 3600 * share(on(node.name, gpu), namespace, at);
                }
            }
        }
        return hours;
    }

    private static double share(List<Work> works, String namespace, long at) {
        double all = 0;
        double own = 0;
        for (Work work : works) {
            double held = work.held(at, at + STEP) * work.gib;
            all += held;
            own += work.namespace.equals(namespace) ? held : 0;
        }
        return all == 0 ? 0 : own / all;
    }

    double observedHours() {
        return nodes.stream()
                        .mapToDouble(node -> node.gpus * node.observed(from, to))
                        .sum()
                / 3600;
    }
}
