package io.gpuagent.nvml;

import io.gpuagent.device.GpuBackend;
import io.gpuagent.nvml.FakeNvml.Variant;
import io.gpuagent.testing.MigContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class NvmlMigContractTest extends MigContract {

    @TempDir
    private static Path directory;

    private static FakeNvml fake;
    private static int scenarios;

    @Override
    protected GpuBackend backend(String scenario) {
        fake = fake != null ? fake : FakeNvml.build(Variant.DRIVER_580, directory);
        scenarios++;
        change(scenario);
        return NvmlBackend.withLibrary(fake.library());
    }

    @Override
    protected void change(String scenario) {
        fake.play(scenario + "\nlibrary restart=" + scenarios + "\n");
    }
}
