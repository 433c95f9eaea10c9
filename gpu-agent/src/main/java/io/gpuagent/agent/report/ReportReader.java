package io.gpuagent.agent.report;

import io.gpuagent.agent.cli.ReportSettings;
import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.agent.report.ServerException.Remedy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the report's data from the server, day by day for each agent, a few agents in parallel. */
final class ReportReader {

    private static final int AT_ONCE = 4;

    /** Counts running pods only, and each once even if several instances of kube-state-metrics report it. */
    private static final String REQUESTED = """
            sum by (namespace) (
              max by (namespace, pod, container, resource) (kube_pod_container_resource_requests{resource=~"nvidia_com_(gpu|mig_.+)"})
              * on (namespace, pod) group_left () max by (namespace, pod) (kube_pod_status_phase{phase="Running"} == 1))
            """;

    private final PrometheusClient client;
    private final ReportSettings settings;
    private final DoubleConsumer progress;
    private final Slice range;
    private final List<String> trouble = new ArrayList<>();

    /** @param progress receives the completed fraction */
    ReportReader(PrometheusClient client, ReportSettings settings, DoubleConsumer progress) {
        this.client = client;
        this.settings = settings;
        this.progress = progress;
        range = Slice.of(settings.range());
    }

    Report read() throws IOException {
        List<Agent> agents = Agent.all(client, range);
        if (agents.isEmpty()) {
            throw new ServerException(settings.server().url() + ": no gpu_agent_up in the time range", Remedy.NONE);
        }
        Tally tally = new Tally(settings);
        read(agents, tally);
        Map<String, Double> requested = orMissing("GPU requests of pods", this::requested);
        for (String warning : client.warnings) {
            orMissing("parts of some responses", () -> {
                throw new ServerException(warning, Remedy.NONE);
            });
        }
        return new ReportWriter(tally, settings)
                .report(requested == null || requested.isEmpty() ? null : requested, trouble);
    }

    private void read(List<Agent> agents, Tally tally) throws IOException {
        AtomicInteger done = new AtomicInteger();
        double steps = agents.size() * range.days().size();
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<?>> reads = new ArrayList<>();
            for (Agent agent : agents) {
                reads.add(threads.submit(() -> {
                    read(agent, tally, () -> progress.accept(done.incrementAndGet() / steps));
                    return null;
                }));
            }
            for (Future<?> read : reads) {
                read.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException trouble) {
                throw trouble;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private void read(Agent agent, Tally tally, Runnable step) throws IOException {
        AgentReader reader =
                new AgentReader(client, agent, range, settings.server().rules());
        boolean known = Stream.concat(settings.by().stream(), settings.filter().keySet().stream())
                .allMatch(label -> label.equals("node") || Books.LABELS.contains(label));
        Map<Map<String, String>, Map<String, String>> labels =
                known ? null : orMissing("workload labels on " + agent.node(), () -> agent.labels(client, range));
        for (Slice day : range.days()) {
            List<Books> parts =
                    orMissing(agent.node() + " from " + Instant.ofEpochMilli(day.from()), () -> reader.read(day));
            if (parts != null) {
                parts.forEach(books -> tally.add(agent, books, labels == null ? Map.of() : labels));
            }
            step.run();
        }
    }

    private Map<String, Double> requested() throws IOException {
        Map<String, Double> hours = new TreeMap<>();
        for (Slice day : range.days()) {
            day.read(slice -> {
                client.query(REQUESTED, slice, series -> {
                    double sum = Division.sum(series.values()) * Slice.INTERVAL / 3.6e6;
                    hours.merge(series.label("namespace"), sum, Double::sum);
                });
                return slice;
            });
        }
        return hours;
    }

    private interface Read<T> {
        T read() throws IOException;
    }

    /** The result of the read. If it fails and a partial report is allowed, adds a note and returns null. */
    private <T> @Nullable T orMissing(String what, Read<T> read) throws IOException {
        try {
            return read.read();
        } catch (IOException e) {
            if (!settings.allowPartial()) {
                throw e;
            }
            synchronized (trouble) {
                trouble.add("MISSING: " + TerminalText.escape(what) + ": " + e.getMessage());
            }
            return null;
        }
    }
}
