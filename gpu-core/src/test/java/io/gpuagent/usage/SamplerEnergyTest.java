package io.gpuagent.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.simulation.Simulation;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests energy all the way from the backend's counter to the accounts. */
@Timeout(60)
class SamplerEnergyTest {

    @Test
    void energyOfAGpuIsDividedAmongItsWorkloads() throws Exception {
        GpuUsage gpu =
                await("""
                device 0 uuid=GPU-a power=50..1500/300ms energy=7000000 energy_reset=500ms
                proc 0 pid=100 mem=1M sm=40 cgroup=/system.slice/a.service
                proc 0 pid=101 mem=1M sm=15 cgroup=/system.slice/b.service
                proc 0 pid=102 mem=1M sm=5
                """, usage -> usage.energy() != null && usage.energy().joules() > 1000);
        double joules = gpu.energy().joules();
        Map<String, Double> charged = gpu.accounts().stream()
                .collect(Collectors.toMap(account -> account.usage().labels().workload(), Account::energyJoules));
        assertEquals(0.4 * joules, charged.get("a.service"), 1e-9 * joules);
        assertEquals(0.15 * joules, charged.get("b.service"), 1e-9 * joules);
        assertEquals(0.45 * joules, gpu.energy().unattributedJoules(), 1e-9 * joules);
        assertTrue(joules < 20_000, "a reset adds nothing: " + joules);
    }

    @Test
    void energyOfAGpuWithMigIsUnattributed() throws Exception {
        GpuUsage gpu =
                await("""
                device 0 uuid=GPU-a power=500 mig=on
                proc 0 pid=100 mem=1M sm=40 gi=1 ci=0 cgroup=/system.slice/a.service
                """, usage -> usage.energy() != null && usage.energy().joules() > 100);
        assertEquals(gpu.energy().joules(), gpu.energy().unattributedJoules());
        assertEquals(
                List.of(),
                gpu.accounts().stream()
                        .filter(each -> each.energyJoules() != null)
                        .toList());
    }

    private static GpuUsage await(String scenario, Predicate<GpuUsage> condition) throws Exception {
        Simulation simulation = Simulation.of(scenario);
        try (Sampler sampler = Sampler.of(simulation.backend())
                .workloads(new WorkloadResolver(simulation.processes()))
                .interval(Duration.ofMillis(100))
                .start()) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (true) {
                List<GpuUsage> gpus = sampler.current().gpus();
                if (!gpus.isEmpty() && condition.test(gpus.get(0))) {
                    return gpus.get(0);
                }
                assertTrue(System.nanoTime() < deadline, gpus.toString());
                Thread.sleep(20);
            }
        }
    }
}
