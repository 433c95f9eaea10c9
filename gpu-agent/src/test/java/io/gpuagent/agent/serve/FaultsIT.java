package io.gpuagent.agent.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of four GPUs hangs in the process list and another is lost, through the real JNI and the packaged agent. */
@Tag("alone")
class FaultsIT {

    private static final long PID = ProcessHandle.current().pid();
    private static final long MIB = 1 << 20;

    /** The test's own process holds memory on all four GPUs, and a varying amount on the two healthy ones. */
    private static final String NODE = """
            driver version=580.95.05
            device 0 uuid=GPU-0 mem_total=8G mem_other=1M
            device 1 uuid=GPU-1 mem_total=8G mem_other=2M
            device 2 uuid=GPU-2 mem_total=8G mem_other=3M
            device 3 uuid=GPU-3 mem_total=8G mem_other=4M
            proc 0 pid=PID mem=1G
            proc 1 pid=PID mem=1G
            proc 2 pid=PID mem=1G..2G/30s
            proc 3 pid=PID mem=1G..2G/40s
            """.replace("PID", Long.toString(PID));

    @TempDir
    Path directory;

    @Test
    void twoGpusStayExactAndFreshWhileOneHangsAndOneIsLost() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play(NODE);
        try (AgentProcess agent = serve(fake)) {
            await(agent, "four GPUs answer", "gpu_up", 1, 1, 1, 1);
            Instant before = Instant.now();
            fake.play(NODE + "fault 0 call=nvmlDeviceGetComputeRunningProcesses hang=on\n"
                    + "fault 1 call=nvmlDeviceGetMemoryInfo code=15\n");

            String page = await(agent, "GPU 0 stalls and GPU 1 is lost", "gpu_up", 0, 0, 1, 1);
            double since = AgentProcess.value(
                    page,
                    "gpu_stalled_since_timestamp_seconds",
                    "gpu=\"0\"",
                    "function=\"nvmlDeviceGetComputeRunningProcesses_v3\"");
            assertTrue(Math.abs(since - before.toEpochMilli() / 1000.0) < 3, since + " is not about " + before);
            for (String gpu : List.of("0", "1")) {
                for (String family :
                        List.of("gpu_memory_used_bytes", "gpu_workload_memory_bytes", "gpu_workload_processes")) {
                    assertFalse(page.contains(family + "{gpu=\"" + gpu + "\""), "stale values are shown: " + family);
                }
            }
            assertTrue(page.contains("gpu_info{gpu=\"1\",uuid=\"GPU-1\""), "the lost GPU keeps its identity");
            assertExactAndFresh(agent);

            fake.play(NODE);
            await(agent, "both GPUs recover", "gpu_up", 1, 1, 1, 1);
        }
    }

    /**
     * Checks that memory adds up to the byte on both healthy GPUs on every page, and that every page shows new values.
     */
    private static void assertExactAndFresh(AgentProcess agent) {
        double[] before = {0, 0};
        for (int i = 0; i < 4; i++) {
            String page = agent.metrics(
                    Duration.ofMillis(2500),
                    "new values of both GPUs",
                    text -> before[0] != held(text, 2) && before[1] != held(text, 3));
            for (int gpu = 2; gpu <= 3; gpu++) {
                double used = AgentProcess.value(page, "gpu_memory_used_bytes", "gpu=\"" + gpu + "\"");
                double rest = AgentProcess.value(page, "gpu_memory_unattributed_bytes", "gpu=\"" + gpu + "\"");
                // The agent reads memory before the process list, so a change in between ends up in the unattributed
                // memory.
                assertEquals((gpu + 1) * MIB, rest, 100.0 * MIB);
                assertEquals(used - rest, held(page, gpu));
                before[gpu - 2] = held(page, gpu);
            }
        }
    }

    private static double held(String page, int gpu) {
        return AgentProcess.value(page, "gpu_workload_memory_bytes", "gpu=\"" + gpu + "\"", "kind=\"process\"");
    }

    @Test
    void theAgentExitsWithinASecondEvenWhileACallHangs() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play(NODE);
        try (AgentProcess agent = serve(fake)) {
            await(agent, "four GPUs answer", "gpu_up", 1, 1, 1, 1);
            fake.play(NODE + "fault 0 call=nvmlDeviceGetComputeRunningProcesses hang=on\n");
            await(agent, "GPU 0 stalls", "gpu_up", 0, 1, 1, 1);
            Instant signalled = Instant.now();
            int status = agent.terminate(Duration.ofSeconds(5));
            long took = Duration.between(signalled, Instant.now()).toMillis();
            assertEquals(0, status);
            assertTrue(took < 1000, "took " + took + " ms");
        }
    }

    @Test
    void theAgentExitsWithinASecondWithStatusZero() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play("library log=on\n" + NODE);
        try (AgentProcess agent = serve(fake)) {
            await(agent, "four GPUs answer", "gpu_up", 1, 1, 1, 1);
            Instant signalled = Instant.now();
            assertEquals(0, agent.terminate(Duration.ofSeconds(5)));
            long took = Duration.between(signalled, Instant.now()).toMillis();
            assertTrue(took < 1000, "took " + took + " ms");
            assertEquals(1, fake.calls("nvmlInit_v2"));
            assertEquals(1, fake.calls("nvmlShutdown"));
        }
    }

    private static AgentProcess serve(FakeNvml fake) {
        return AgentProcess.serve(
                Map.of(), "--nvml.library=" + fake.library(), "--docker.host=off", "--nvml.deadline=1s");
    }

    private static String await(AgentProcess agent, String what, String family, int... values) {
        return agent.metrics(Duration.ofSeconds(20), what, text -> {
            for (int gpu = 0; gpu < values.length; gpu++) {
                if (AgentProcess.value(text, family, "gpu=\"" + gpu + "\"") != values[gpu]) {
                    return false;
                }
            }
            return true;
        });
    }
}
