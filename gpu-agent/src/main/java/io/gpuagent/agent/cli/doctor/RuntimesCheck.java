package io.gpuagent.agent.cli.doctor;

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

/** Who can name containers: each place that a source asks, the sources side by side. */
public final class RuntimesCheck implements Check {

    private static final String MEND = "see to it that it answers; until then its containers are shown by their ids";

    private final List<ContainerSource> sources;

    /** By the name of the source; without those that have not answered. */
    private final Map<String, List<PlaceStatus>> reports = new ConcurrentHashMap<>();

    public RuntimesCheck(List<ContainerSource> sources) {
        this.sources = List.copyOf(sources);
    }

    @Override
    public String name() {
        return "runtimes";
    }

    @Override
    public void look() throws InterruptedException {
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
            return List.of(Finding.ok("runtimes", "switched off: containers are shown by their ids"));
        }
        List<Finding> findings = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String source : sources) {
            if (!reports.containsKey(source)) {
                findings.add(Finding.limited(source, "does not answer", MEND));
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
        return report.state() == State.ANSWERS ? Finding.ok(source, text) : Finding.limited(source, text, MEND);
    }

    private static Finding absent(List<String> places, boolean alone) {
        String text = places.stream().distinct().collect(Collectors.joining(", "));
        return alone
                ? Finding.limited(
                        "runtimes",
                        "no container runtime found: containers are shown by their ids; looked at " + text,
                        "into a container mount the runtime's socket, or the host's root and name it by --path.rootfs")
                : Finding.ok("runtimes", "none at " + text);
    }

    /** A socket reached by two names, as through /var/run, is one place. */
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
