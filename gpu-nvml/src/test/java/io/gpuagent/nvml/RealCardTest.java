package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.testing.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Checks properties that every real GPU has with every driver. */
@Tag("gpu")
class RealCardTest {

    private final NvmlBackend backend = new NvmlBackend();

    @BeforeEach
    void requireGpu() {
        Requirement.unlessOlder("NVIDIA GPU", Files.exists(Path.of("/dev/nvidia0")), "a machine with one");
    }

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void everyGpuHasANameAndMemoryThatAddsUp() throws Exception {
        Inventory inventory = backend.enumerate();
        assertTrue(inventory.driverVersion().matches("\\d+\\.\\d+.*"), inventory.driverVersion());
        assertFalse(inventory.gpus().isEmpty());
        for (Gpu gpu : inventory.gpus()) {
            assertTrue(
                    gpu.identity().uuid().matches("GPU-[0-9a-f-]{36}"),
                    gpu.identity().uuid());
            assertFalse(gpu.identity().model().isEmpty());
            assertTrue(
                    gpu.identity().pciBusId().matches("[0-9A-F]{8}:[0-9A-F]{2}:[0-9A-F]{2}\\.0"),
                    gpu.identity().toString());
            GpuSample sample = gpu.read();
            System.out.println(gpu.identity() + " " + sample);
            assertEquals(List.of(), sample.rejections());
            assertAddsUp(sample.memory());
        }
    }

    private static void assertAddsUp(GpuMemory memory) {
        if (memory != null) {
            long reserved = memory.reservedBytes() == null ? 0 : memory.reservedBytes();
            assertEquals(memory.totalBytes(), memory.usedBytes() + memory.freeBytes() + reserved);
        }
    }

    @Test
    void readingsArePlausible() throws Exception {
        for (Gpu gpu : backend.enumerate().gpus()) {
            for (Reading reading : gpu.read().readings()) {
                boolean margin = reading.metric() == DeviceMetric.TEMPERATURE_MARGIN;
                double max = reading.metric().unit() == DeviceMetric.Unit.CELSIUS
                        ? 120
                        : reading.metric().unit() == DeviceMetric.Unit.RATIO ? 1.5 : Double.MAX_VALUE;
                assertTrue((margin || reading.value() >= 0) && reading.value() <= max, reading.toString());
            }
        }
    }

    @Test
    void everyListedProcessHasAPossiblePid() throws Exception {
        for (Gpu gpu : backend.enumerate().gpus()) {
            if (gpu.read().processes() instanceof ProcessList.Known known) {
                for (GpuProcess process : known.processes()) {
                    assertTrue(process.pid() > 0 && process.pid() <= 4_194_304, process.toString());
                }
            }
        }
    }

    @Test
    void aGpuThatIsStillPresentIsTheSameObject() throws Exception {
        assertSame(backend.enumerate().gpus().get(0), backend.enumerate().gpus().get(0));
    }
}
