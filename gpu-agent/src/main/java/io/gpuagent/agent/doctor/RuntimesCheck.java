package io.gpuagent.agent.doctor;

import io.gpuagent.agent.containers.ContainerSource;
import io.gpuagent.agent.containers.PlaceStatus;
import io.gpuagent.agent.containers.PlaceStatus.State;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Checks each place that a container source queries. The sources are checked in parallel. */
public final class RuntimesCheck implements Check {

    private static final String FIX = "make sure that it answers; until then its containers are shown by id";

    private final List<ContainerSource> sources;

    /** Reports by source name; sources that have not answered are absent. */
    private final Map<String, List<PlaceStatus>> reports = new ConcurrentHashMap<>();

    public RuntimesCheck(List<ContainerSource> sources) {
        this.sources = List.copyOf(sources);
    }

    @Override
    public String name() {
        return "runtimes";
    }

    @Override
    public void run() throws InterruptedException {
        DoctorCommand.threads()
                .invokeAll(sources.stream().map(this::examination).toList());
    }

    private Callable<List<PlaceStatus>> examination(ContainerSource source) {
        return () -> reports.put(source.name(), source.examine());
    }

    @Override
    public List<Finding> findings() {
        return judge(sources.stream().map(ContainerSource::name).toList(), reports);
    }

    static List<Finding> judge(List<String> sources, Map<String, List<PlaceStatus>> reports) {
        if (sources.isEmpty()) {
            return List.of(Finding.ok("runtimes", "switched off: containers are shown by id"));
        }
        List<Finding> findings = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String source : sources) {
            if (!reports.containsKey(source)) {
                findings.add(Finding.limited(source, "timed out", FIX));
            }
            for (PlaceStatus report : reports.getOrDefault(source, List.of())) {
                if (report.state() == State.ABSENT) {
                    absent.add(report.place());
                } else if (seen.add(source + " " + real(report.place()))) {
                    findings.add(judge(source, report));
                }
            }
        }
        if (!absent.isEmpty() || findings.isEmpty()) {
            findings.add(absent(absent, findings.isEmpty()));
        }
        return findings;
    }

    private static Finding judge(String source, PlaceStatus report) {
        String place = report.text().contains(report.place()) ? "" : report.place() + ": ";
        String text = place + report.text() + " (" + report.took().toMillis() + " ms)";
        return report.state() == State.ANSWERS ? Finding.ok(source, text) : Finding.limited(source, text, FIX);
    }

    private static Finding absent(List<String> places, boolean alone) {
        String text = places.stream().distinct().collect(Collectors.joining(", "));
        return alone
                ? Finding.limited(
                        "runtimes",
                        "no container runtime found: containers are shown by id; tried " + text,
                        "in a container, mount the runtime's socket, or mount the host's root and set --path.rootfs")
                : Finding.ok("runtimes", "none at " + text);
    }

    /** Resolves links, so that a socket with two paths, such as below /var/run and /run, counts once. */
    private static String real(String place) {
        try {
            return place.startsWith("unix://")
                    ? Path.of(place.substring("unix://".length())).toRealPath().toString()
                    : place;
        } catch (IOException e) {
            return place;
        }
    }
}
