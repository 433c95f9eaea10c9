package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A test with a backend in this process, on the library of the newest driver. */
@Timeout(60)
abstract class FakeNvmlTest {

    static FakeNvml fake;

    NvmlBackend backend = new NvmlBackend();

    @BeforeEach
    void build() {
        fake = SharedFakeNvml.library();
    }

    @AfterEach
    void close() {
        backend.close();
    }

    /** The devices of this world, seen by a backend that has seen none before. */
    List<Gpu> gpus(String scenario) throws Exception {
        backend.close();
        fake.play(scenario);
        backend = NvmlBackend.withLibrary(fake.library());
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
            assertTrue(System.nanoTime() < deadline, "it did not come to pass");
            Thread.sleep(10);
        }
    }
}
