package io.gpuagent.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One GPU of four hangs in the process list, another is lost: through the real JNI and the packaged agent. */
class FaultsIT {

    private static final String NODE = """
            driver version=580.95.05
            device 0 uuid=GPU-0 mem_total=8G mem_other=1M temp=40
            device 1 uuid=GPU-1 mem_total=8G mem_other=2M temp=41
            device 2 uuid=GPU-2 mem_total=8G mem_other=3M temp=42..80/30s
            device 3 uuid=GPU-3 mem_total=8G mem_other=4M temp=43
            """;

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
            assertFalse(page.contains("gpu_memory_used_bytes{gpu=\"0\""), "old numbers are served");
            assertFalse(page.contains("gpu_memory_used_bytes{gpu=\"1\""), "old numbers are served");
            assertTrue(page.contains("gpu_info{gpu=\"1\",uuid=\"GPU-1\""), "the lost card has lost its identity");
            assertEquals(3.0 * (1 << 20), AgentProcess.value(page, "gpu_memory_used_bytes", "gpu=\"2\""));
            assertEquals(4.0 * (1 << 20), AgentProcess.value(page, "gpu_memory_used_bytes", "gpu=\"3\""));
            assertFresh(agent);

            fake.play(NODE);
            await(agent, "both come back", "gpu_up", 1, 1, 1, 1);
        }
    }

    /** The temperature of GPU 2 moves all the time: two pages a second and a half apart must differ. */
    private static void assertFresh(AgentProcess agent) {
        double then = AgentProcess.value(agent.metrics(), "gpu_temperature_celsius", "gpu=\"2\"");
        agent.metrics(
                Duration.ofMillis(3500),
                "GPU 2 moves on from " + then,
                text -> AgentProcess.value(text, "gpu_temperature_celsius", "gpu=\"2\"") != then);
    }

    @Test
    void agentEndsWithinASecondAlsoWhileACallHangs() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play(NODE);
        try (AgentProcess agent = serve(fake)) {
            await(agent, "four GPUs answer", "gpu_up", 1, 1, 1, 1);
            fake.play(NODE + "fault 0 call=nvmlDeviceGetComputeRunningProcesses hang=on\n");
            await(agent, "GPU 0 stalls", "gpu_up", 0, 1, 1, 1);
            Instant asked = Instant.now();
            int status = agent.terminate(Duration.ofSeconds(5));
            long took = Duration.between(asked, Instant.now()).toMillis();
            assertEquals(0, status);
            assertTrue(took < 1000, "took " + took + " ms");
        }
    }

    @Test
    void agentEndsWithinASecondWithStatusZero() {
        FakeNvml fake = FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory).play("library log=on\n" + NODE);
        try (AgentProcess agent = serve(fake)) {
            await(agent, "four GPUs answer", "gpu_up", 1, 1, 1, 1);
            Instant asked = Instant.now();
            assertEquals(0, agent.terminate(Duration.ofSeconds(5)));
            long took = Duration.between(asked, Instant.now()).toMillis();
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
