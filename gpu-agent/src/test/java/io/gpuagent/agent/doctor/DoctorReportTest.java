package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.agent.containers.PlaceStatus;
import io.gpuagent.agent.doctor.DeviceNodes.Access;
import io.gpuagent.agent.doctor.DeviceNodes.DeviceNode;
import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.testing.Golden;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.Resolution.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Findings as text and as JSON. */
class DoctorReportTest {

    /** The findings of an agent in a container that does not see the host's pids and may not open Docker's socket. */
    @Test
    void theReadmesExampleIsAContainerWithTooFewPermissions() throws IOException {
        Snapshot sample = DoctorSnapshots.of(Map.of(Reason.NO_HOST_PID, 2), DoctorSnapshots.live(4711, 4712));
        DeviceNodes nodes = new DeviceNodes(
                List.of(
                        new DeviceNode(Path.of("/dev/nvidiactl"), Access.OPENS, ""),
                        new DeviceNode(Path.of("/dev/nvidia0"), Access.OPENS, "")),
                Optional.empty());
        PlaceStatus docker = new PlaceStatus(
                "unix:///var/run/docker.sock",
                PlaceStatus.State.FAILS,
                "unix:///var/run/docker.sock: permission denied: run as root, or as a member of the group that owns the socket",
                Duration.ofMillis(2));
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(
                "library",
                "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.580.95.05, NVML 13.580.95.05, processes by"
                        + " nvmlDeviceGetComputeRunningProcesses_v3"));
        findings.addAll(DriverCheck.judge(sample, new DriverCheck.Module(Path.of("/"), "580.95.05", 1)));
        findings.addAll(DeviceNodeChecks.judge(nodes, Optional.of(sample)));
        findings.addAll(new ProcFacts(Path.of("/proc"), true, false, true).judge());
        findings.addAll(new CgroupFacts(CgroupFile.parse("0::/\n"), "cgroup:[4026532757]").judge());
        findings.addAll(new JavaFacts("17.0.15", 64 << 20, "", false, 1024, false).judge());
        Instant built = Instant.parse("2026-11-23T00:00:00Z");
        findings.addAll(new ClockFacts(built.plusSeconds(43_200), built, false).judge());
        findings.addAll(RuntimesCheck.judge(List.of("docker"), Map.of("docker", List.of(docker))));
        String text = new DoctorReport(findings).text();
        Golden.check(DoctorReportTest.class, "report.txt", text);
        Golden.checkDocument("gpu-agent/DOCTOR.md", "doctor", "```\n" + text + "```\n");
    }

    @Test
    void theWorstFindingIsTheVerdict() {
        Finding ok = Finding.ok("a", "b");
        Finding limited = Finding.limited("a", "b", "c");
        Finding broken = Finding.broken("a", "b", "c");
        assertEquals(Verdict.OK, new DoctorReport(List.of(ok, ok)).verdict());
        assertEquals(Verdict.LIMITED, new DoctorReport(List.of(ok, limited, ok)).verdict());
        assertEquals(Verdict.BROKEN, new DoctorReport(List.of(limited, broken, ok)).verdict());
    }

    @Test
    void everyFindingHasTheSameJsonKeys() {
        assertEquals(
                """
                {"verdict":"limited","findings":[\
                {"check":"gpu 0","verdict":"ok","text":"well","fix":""},\
                {"check":"docker","verdict":"limited","text":"\\u001B[2J","fix":"see"}]}
                """,
                new DoctorReport(List.of(Finding.ok("gpu 0", "well"), Finding.limited("docker", "\u001b[2J", "see")))
                        .json());
    }

    @Test
    void hostileTextsStayOnTheirLine() {
        String text = new DoctorReport(List.of(Finding.limited("a", "x\ny\u001b[2J", "z\u202e"))).text();
        assertEquals(
                "limited  a  x\\ny\\x1b[2J\n            fix: z\\u202e\n\ngpu-agent works here, with limits.\n", text);
    }
}
