package io.gpuagent.testing;

import static io.gpuagent.testing.Exposition.find;
import static io.gpuagent.testing.Exposition.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Exposition.Series;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks metrics pages: on each page, the memory and the energy of each GPU add up, and from one page to the next, no
 * counter decreases.
 */
public final class ExpositionInvariants {

    private static final double ROUNDING = 1e-9;

    private final Map<String, Double> counters = new HashMap<>();

    public void check(List<Series> lines) {
        for (Series line : lines) {
            if (line.name().equals("gpu_up")) {
                balance(lines, Map.of("gpu", line.label("gpu"), "uuid", line.label("uuid")));
            }
            if (line.name().endsWith("_total")) {
                Double before = counters.put(line.name() + line.labels(), line.value());
                assertTrue(before == null || before <= line.value(), () -> line + " fell from " + before);
            }
        }
    }

    private static void balance(List<Series> lines, Map<String, String> gpu) {
        for (Series rest : find(lines, "gpu_memory_unattributed_bytes", gpu)) {
            double workloads = sum(lines, "gpu_workload_memory_bytes", gpu);
            assertEquals(sum(lines, "gpu_memory_used_bytes", gpu), workloads + rest.value(), gpu.toString());
        }
        double joules = sum(lines, "gpu_energy_joules_total", gpu);
        double parts = sum(lines, "gpu_workload_energy_joules_total", gpu)
                + sum(lines, "gpu_energy_unattributed_joules_total", gpu);
        assertEquals(joules, parts, ROUNDING * joules, gpu.toString());
    }
}
