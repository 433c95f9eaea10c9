package io.gpuagent.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Checks that the figures of the built-in demo scenario agree with each other, every seven seconds during two cycles.
 */
class DemoTest {

    private static final double GIB = 1L << 30;

    private record Figures(Duration time, int gpu, GpuSample sample, Map<DeviceMetric, Double> readings) {

        /** The SM utilization by pid; empty for the GPU that never has a process. */
        Map<Integer, Double> sm() {
            return sample.utilization() == null
                    ? Map.of()
                    : sample.utilization().smRatios();
        }

        double smSum() {
            return sm().values().stream().mapToDouble(Double::doubleValue).sum();
        }

        List<GpuProcess> processes() {
            return ((ProcessList.Known) sample.processes()).processes();
        }

        double reading(DeviceMetric metric) {
            return Objects.requireNonNull(readings.get(metric), metric + " of " + this);
        }

        @Override
        public String toString() {
            return "GPU " + gpu + " at " + time;
        }
    }

    private static List<Figures> played() throws Exception {
        AtomicLong nanos = new AtomicLong();
        RunningScenario scenario = new RunningScenario(Scenario.parse(text()), null, nanos::get);
        List<Gpu> gpus = new SimulatedBackend(scenario, MetricSelection.DEFAULT)
                .enumerate()
                .gpus();
        List<Figures> played = new ArrayList<>();
        for (int seconds = 0; seconds < 480; seconds += 7) {
            Duration time = Duration.ofSeconds(seconds);
            nanos.set(time.toNanos());
            for (int gpu = 0; gpu < gpus.size(); gpu++) {
                GpuSample sample = gpus.get(gpu).read();
                played.add(new Figures(
                        time,
                        gpu,
                        sample,
                        sample.readings().stream()
                                .filter(reading -> reading.labels().isEmpty())
                                .collect(Collectors.toMap(Reading::metric, Reading::value))));
            }
        }
        return played;
    }

    private static String text() throws Exception {
        try (InputStream in = Objects.requireNonNull(Simulation.class.getResourceAsStream("demo.scenario"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void utilizationOfEachGpuIsTheSumOfItsProcesses() throws Exception {
        for (Figures figures : played()) {
            assertEquals(figures.smSum(), figures.reading(DeviceMetric.UTILIZATION), 1e-9, figures.toString());
        }
    }

    @Test
    void powerRisesWithUtilizationAndStaysBelowTheLimit() throws Exception {
        Map<Integer, List<Figures>> byGpu = played().stream().collect(Collectors.groupingBy(Figures::gpu));
        for (List<Figures> figures : byGpu.values()) {
            double watts = 0;
            for (Figures one : figures.stream()
                    .sorted(Comparator.comparingDouble(Figures::smSum))
                    .toList()) {
                double power = one.reading(DeviceMetric.POWER);
                assertTrue(power >= watts - 1e-9, one + " draws " + power + " W, less than at a lower utilization");
                assertTrue(power < one.reading(DeviceMetric.POWER_LIMIT), one.toString());
                watts = power;
            }
        }
    }

    @Test
    void processesFitIntoTheMemoryOfTheirGpu() throws Exception {
        for (Figures figures : played()) {
            assertTrue(
                    Objects.requireNonNull(figures.sample().memory()).freeBytes() > GIB / 2,
                    figures + " has too little free memory");
        }
    }

    @Test
    void everyProcessOfMoreThanAGibibyteComputesExceptTheNotebook() throws Exception {
        for (Figures figures : played()) {
            figures.processes().stream()
                    .filter(process -> Objects.requireNonNull(process.memoryBytes()) > GIB)
                    .forEach(process -> assertEquals(
                            process.pid() == 50311,
                            figures.sm().getOrDefault(process.pid(), 0.0) == 0,
                            process + " on " + figures));
        }
    }
}
