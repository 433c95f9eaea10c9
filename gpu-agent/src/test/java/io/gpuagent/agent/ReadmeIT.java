package io.gpuagent.agent;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Golden;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The metric lines on the README's first screen are lines of the metrics page that its command shows. */
class ReadmeIT {

    /** Lines whose values are constant in the demo's first half minute. */
    private static final List<List<String>> LINES = List.of(
            List.of("gpu_info", "gpu=\"2\""),
            List.of("gpu_up", "gpu=\"2\""),
            List.of("gpu_memory_used_bytes", "gpu=\"2\""),
            List.of("gpu_memory_unattributed_bytes", "gpu=\"2\""),
            List.of("gpu_workload_memory_bytes", "gpu=\"1\"", "pod=\"asr-train-0\""),
            List.of("gpu_workload_memory_bytes", "gpu=\"2\"", "kind=\"unit\"", "workload=\"ollama.service\""),
            List.of("used_gpu_memory", "gpu=\"0\"", "container_name=\"notebook\""),
            List.of("gpu_agent_up "));

    @Test
    void theFirstScreenShowsRealLines() throws IOException {
        try (AgentProcess agent = AgentProcess.serve(Map.of(), "--backend=simulated")) {
            String page = agent.metrics(Duration.ofSeconds(10), "samples", text -> text.contains("gpu_up{"));
            String lines = LINES.stream().map(parts -> line(page, parts)).collect(Collectors.joining());
            Golden.checkReadme("lines", "```\n" + lines + "```\n");
        }
    }

    private static String line(String page, List<String> parts) {
        return page.lines()
                        .filter(line -> parts.stream().allMatch(line::contains) && line.startsWith(parts.get(0)))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no line " + parts + " in\n" + page))
                + "\n";
    }
}
