package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.PrometheusServer;
import io.gpuagent.testing.PrometheusServer.Sample;
import io.gpuagent.testing.Totals;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Xid errors that the driver reports, through the real JNI and the packaged agent. */
class XidIT {

    private static final String NODE =
            """
            driver version=580.95.05
            device 0 uuid=GPU-0 mem_total=8G
            device 1 uuid=GPU-1 mem_total=8G
            proc 0 pid=PID mem=1G
            """.replace("PID", Long.toString(ProcessHandle.current().pid()));

    @TempDir
    Path directory;

    @Test
    void aStormIsCountedInFullAndLoggedOnceAndPrometheusSeesTheFirstOfAKind() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory.resolve("driver"))
                .play(NODE);
        try (AgentProcess agent = AgentProcess.serve(
                        Map.of(), "--nvml.library=" + fake.library(), "--docker.host=off", "--oci.bundles=off");
                PrometheusServer prometheus = PrometheusServer.scraping(agent.port(), directory)) {
            await(agent, "a workload", text -> text.contains("gpu_workload_processes{gpu=\"0\""));
            Instant before = Instant.now();
            fake.play(NODE + "xid 0 code=31 count=10000\nxid 1 code=79\n");
            String page = await(
                    agent,
                    "ten thousand errors",
                    text -> AgentProcess.value(text, "gpu_xid_errors_total", "gpu=\"0\"") >= 10_000);
            assertEquals(10_000, AgentProcess.value(page, "gpu_xid_errors_total", "gpu=\"0\"", "xid=\"31\""));
            assertEquals(
                    10_000,
                    AgentProcess.value(page, "gpu_workload_xid_errors_total", "kind=\"process\"", "xid=\"31\""));
            double seen = AgentProcess.value(page, "gpu_xid_last_seen_timestamp_seconds", "xid=\"31\"");
            assertTrue(seen >= before.getEpochSecond() && seen <= Instant.now().getEpochSecond() + 1, "seen " + seen);
            assertEquals(1, logged(agent, "GPU 1 GPU-1: Xid 79 (GPU has fallen off the bus); workloads: none"));
            assertEquals(1, logged(agent, "GPU 0 GPU-0: Xid 31 (GPU memory page fault)"), agent.err());
            assertEquals(1, logged(agent, "workloads: process java"), agent.err());
            assertSeen(prometheus);
        }
    }

    /**
     * Checks that an alert fires on the first error of a kind. The counter of such an error appears with the value 1
     * and does not change afterwards.
     */
    private static void assertSeen(PrometheusServer prometheus) {
        String family = "gpu_xid_errors_total{xid=\"79\"}";
        Eventually.pause(Duration.ofSeconds(4));
        List<Sample> plain = prometheus.query("increase(" + family + "[1m]) > 0");
        List<Sample> right = prometheus.query("(" + Totals.over(family, "1m", "60") + ") > 0");
        System.out.println("first Xid 79 of a GPU: increase() > 0 has " + plain.size()
                + " series, the expression under Totals has " + right.size() + ", "
                + right.stream().map(Sample::value).toList());
        assertEquals(List.of(), plain);
        assertEquals(List.of(1.0), right.stream().map(Sample::value).toList());
    }

    @Test
    void theAgentExitsCleanlyWithinASecondWhileItWaitsForErrors() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play("library log=on\n" + NODE);
        try (AgentProcess agent = AgentProcess.serve(Map.of(), "--nvml.library=" + fake.library())) {
            await(agent, "GPUs answer", text -> text.contains("gpu_up{gpu=\"1\""));
            Eventually.within(
                    Duration.ofSeconds(20), "the wait for errors", () -> fake.calls("nvmlEventSetWait_v2") > 0);
            Instant signalled = Instant.now();
            assertEquals(0, agent.terminate(Duration.ofSeconds(5)));
            long took = Duration.between(signalled, Instant.now()).toMillis();
            assertTrue(took < 1000, "took " + took + " ms");
            assertEquals(1, fake.calls("nvmlEventSetFree"));
            assertEquals(1, fake.calls("nvmlShutdown"));
        }
    }

    private static String await(AgentProcess agent, String what, Predicate<String> expected) {
        return agent.metrics(Duration.ofSeconds(20), what, expected);
    }

    private static long logged(AgentProcess agent, String part) {
        return agent.err().lines().filter(line -> line.contains(part)).count();
    }
}
