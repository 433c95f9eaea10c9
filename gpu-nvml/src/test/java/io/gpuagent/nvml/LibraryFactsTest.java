package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests what the backend reports about the library. */
class LibraryFactsTest extends FakeNvmlTest {

    @Test
    void theLibraryIsDescribedWithoutCallingTheDriver() throws Exception {
        fake.play("driver version=580.95.05 code=9\nlibrary log=on\nfault * call=nvmlInit hang=on\n");
        backend = opened.add(NvmlBackend.withLibrary(fake.library()));
        NvmlBackend.Library expected = new NvmlBackend.Library(
                fake.library(), "13.580.95.05", "nvmlDeviceGetComputeRunningProcesses_v3", Map.of());
        assertEquals(expected, backend.library());
        assertEquals(0, fake.calls("nvmlInit_v2"));
    }
}
