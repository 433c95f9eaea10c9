package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ProcessList;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * A separate process with a backend. A process can map only one library, so tests that find, load or replace a library
 * need processes of their own.
 * {@link #sample()} returns the backend's state as text.
 */
final class Probe implements AutoCloseable {

    private static final String END = "--";

    private final Process process;
    private final PrintWriter in;
    private final BufferedReader out;

    private Probe(Process process) {
        this.process = process;
        this.in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts a process that loads the library at a path, or searches for it if the path is empty. */
    static Probe start(String library, String hostRoot, Map<String, String> environment) {
        try {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xshare:auto",
                    "-XX:TieredStopAtLevel=1",
                    "-Djava.util.logging.config.file=/dev/null"));
            command.addAll(
                    List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName(), library, hostRoot));
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(environment);
            return new Probe(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Probe start(Path library) {
        return start(library.toString(), "/", Map.of());
    }

    /**
     * Returns the Xids received since the last call, then enumerates the devices and returns one line for each with its
     * sample. If there is no driver, returns the reason and the message.
     */
    List<String> sample() {
        in.println();
        try {
            List<String> lines = new ArrayList<>();
            String line;
            while (!END.equals(line = out.readLine())) {
                if (line == null) {
                    throw new AssertionError("the process ended after " + lines);
                }
                lines.add(line);
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        in.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) throws IOException {
        NvmlBackend.Options options = new NvmlBackend.Options()
                .withHostRoot(Path.of(args[1]))
                .withSelection(MetricSelection.DEFAULT.withGroups(Set.of(MetricGroup.values())));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (NvmlBackend backend =
                new NvmlBackend(args[0].isEmpty() ? options : options.withLibrary(Path.of(args[0])))) {
            List<String> xids = new CopyOnWriteArrayList<>();
            backend.listen(
                    event -> xids.add("Xid " + event.xid() + " " + event.gpu().uuid() + " " + event.mig()),
                    fault -> {});
            while (commands.readLine() != null) {
                xids.forEach(System.out::println);
                xids.clear();
                lines(backend).forEach(System.out::println);
                System.out.println(END);
            }
        }
    }

    static List<String> lines(NvmlBackend backend) {
        List<String> lines = new ArrayList<>();
        try {
            for (Gpu gpu : backend.enumerate().gpus()) {
                lines.add(gpu.identity().index() + " " + gpu.identity().uuid() + " " + describe(gpu));
            }
        } catch (BackendUnavailableException e) {
            lines.add(e.reason() + " " + e.getMessage());
        }
        return lines;
    }

    private static String describe(Gpu gpu) {
        try {
            GpuSample sample = gpu.read();
            String instances = sample.instances().stream()
                    .map(instance -> " " + instance.mig() + " " + instance.uuid() + " " + instance.profile() + " "
                            + (instance.memory() == null
                                    ? null
                                    : instance.memory().usedBytes()))
                    .collect(Collectors.joining());
            return "memory=" + sample.memory() + (instances.isEmpty() ? "" : " instances=" + instances.substring(1))
                    + " processes=" + processes(sample.processes()) + " readings="
                    + sample.readings().stream()
                            .map(reading -> reading.metric() + "=" + reading.value())
                            .toList()
                    + " faults=" + sample.faults() + " rejections=" + sample.rejections()
                    + (sample.utilization() == null
                            ? ""
                            : " sm=" + new TreeMap<>(sample.utilization().smRatios()));
        } catch (GpuUnavailableException e) {
            return e.fault().toString();
        }
    }

    private static String processes(ProcessList list) {
        if (list instanceof ProcessList.Unreadable unreadable) {
            return unreadable.fault().toString();
        }
        return ((ProcessList.Known) list)
                .processes().stream().map(Probe::process).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String process(GpuProcess process) {
        return process.pid() + " " + process.type() + " " + process.mig() + " " + process.memoryBytes();
    }
}
