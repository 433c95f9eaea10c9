package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.testing.Opened;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test with a backend in this process, which uses the stand-in library of the newest driver. */
@Timeout(60)
@ExtendWith(Opened.Scope.class)
abstract class FakeNvmlTest {

    static FakeNvml fake;

    Opened opened;
    NvmlBackend backend;

    @BeforeEach
    void build(Opened opened) {
        this.opened = opened;
        fake = SharedFakeNvml.library();
        backend = opened.add(new NvmlBackend());
    }

    /** Plays a scenario and enumerates its devices with a new backend. */
    List<Gpu> gpus(String scenario) throws Exception {
        backend.close();
        fake.play(scenario);
        backend = opened.add(NvmlBackend.withLibrary(fake.library()));
        return backend.enumerate().gpus();
    }

    GpuSample sampleOf(String scenario) throws Exception {
        return gpus(scenario).get(0).read();
    }

    static List<GpuProcess> processes(GpuSample sample) {
        return assertInstanceOf(ProcessList.Known.class, sample.processes()).processes();
    }

    static ProcessList.Unreadable unreadable(GpuSample sample) {
        return assertInstanceOf(ProcessList.Unreadable.class, sample.processes());
    }

    static void awaitTrue(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 40_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "timed out");
            Thread.sleep(10);
        }
    }
}
