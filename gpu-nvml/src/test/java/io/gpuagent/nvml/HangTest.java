package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Tests what happens while a call hangs. These tests leave the library initialized, so they need a process of their
 * own.
 */
class HangTest extends FakeNvmlTest {

    private static final String DEVICE = "device 0 uuid=GPU-a mem_total=8G\n";

    @Test
    void theLibraryIsNotShutDownWhileACallHangsInIt() throws Exception {
        Gpu gpu = gpus(DEVICE + "library log=on\n").get(0);
        String hang = DEVICE + "fault 0 call=nvmlDeviceGetMemoryInfo hang=on\nlibrary log=on";
        fake.play(hang + "\n");
        CompletableFuture<GpuSample> hanging = read(gpu);
        while (!gpu.callInProgress().equals(Optional.of("nvmlDeviceGetMemoryInfo_v2"))) {
            Thread.sleep(2);
        }
        long before = fake.calls("nvmlShutdown");
        fake.play(hang + " reload=9\n");
        BackendUnavailableException refused = assertThrows(BackendUnavailableException.class, backend::enumerate);
        assertTrue(refused.getMessage().contains("an NVML call still hangs"), refused.getMessage());
        backend.close();
        assertEquals(0, fake.calls("nvmlShutdown") - before);
        assertFalse(hanging.isDone());
        fake.play(DEVICE + "library reload=9 log=on\n");
        assertThrows(ExecutionException.class, () -> hanging.get(20, TimeUnit.SECONDS), "the session had ended");
    }

    @Test
    void aSecondReaderOfAHungDeviceWaitsForTheCall() throws Exception {
        Gpu gpu = gpus(DEVICE + "library log=on reload=10\n").get(0);
        fake.play(DEVICE + "fault 0 call=nvmlDeviceGetMemoryInfo hang=on\nlibrary log=on reload=10\n");
        long before = fake.calls("nvmlDeviceGetMemoryInfo_v2");
        List<CompletableFuture<GpuSample>> readings = List.of(read(gpu), read(gpu));
        Thread.sleep(500);
        assertEquals(Optional.of("nvmlDeviceGetMemoryInfo_v2"), gpu.callInProgress());
        assertEquals(1, fake.calls("nvmlDeviceGetMemoryInfo_v2") - before);
        fake.play(DEVICE + "library reload=10\n");
        for (CompletableFuture<GpuSample> reading : readings) {
            assertNotNull(reading.get(20, TimeUnit.SECONDS).memory());
        }
    }

    private static CompletableFuture<GpuSample> read(Gpu gpu) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return gpu.read();
            } catch (GpuUnavailableException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
