package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuBackend;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.Reading;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The base class of the contract tests, which every backend that plays scenarios must pass. */
@Timeout(60)
@ExtendWith(Opened.Scope.class)
abstract class Contract {

    static final long MIB = 1L << 20;

    private Opened opened;

    /** Returns the player that creates the backends. The backend of a test is closed after the test. */
    protected abstract ScenarioPlayer player();

    @BeforeEach
    final void begin(Opened opened) {
        this.opened = opened;
    }

    GpuBackend play(String scenario) {
        opened.close();
        return opened.add(player().backend(scenario));
    }

    void change(String scenario) {
        player().change(scenario);
    }

    List<Gpu> gpus(String scenario) throws BackendUnavailableException {
        return play(scenario).enumerate().gpus();
    }

    GpuSample sampleOf(String scenario) throws Exception {
        return gpus(scenario).get(0).read();
    }

    /** Reads the GPU twice and returns the second utilization, since the first read may not have any yet. */
    static ProcessUtilization secondUtilization(Gpu gpu) throws Exception {
        gpu.read();
        return Objects.requireNonNull(gpu.read().utilization());
    }

    static String refusal(Gpu gpu) {
        return assertThrows(GpuUnavailableException.class, gpu::read).fault().code();
    }

    static GpuSample read(Gpu gpu) {
        try {
            return gpu.read();
        } catch (GpuUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "timed out waiting for the condition");
            Thread.sleep(5);
        }
    }

    static List<GpuProcess> processes(GpuSample sample) {
        return assertInstanceOf(ProcessList.Known.class, sample.processes()).processes().stream()
                .sorted(Comparator.comparingInt(GpuProcess::pid))
                .toList();
    }

    /** The return codes of the failed calls. */
    static List<String> codes(GpuSample sample) {
        return sample.faults().stream().map(CallFault::code).sorted().toList();
    }

    static Map<DeviceMetric, Double> readings(GpuSample sample) {
        return sample.readings().stream().collect(Collectors.toMap(Reading::metric, Reading::value));
    }
}
