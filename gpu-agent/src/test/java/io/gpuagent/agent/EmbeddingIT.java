package io.gpuagent.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.nvml.FakeNvml;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples for embedding. */
class EmbeddingIT {

    @Test
    void theReadmesExamplesRun(@TempDir Path directory) throws Exception {
        long pid = ProcessHandle.current().pid();
        FakeNvml.build(FakeNvml.Variant.DRIVER_580, directory)
                .play("driver version=580.95.05\ndevice 0 uuid=GPU-0 mem_total=8G\nproc 0 pid=" + pid + " mem=835M\n");
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                EmbeddingExample.class.getName());
        java.environment().put("LD_LIBRARY_PATH", directory.toString());
        Process process = java.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes());

        assertEquals(0, process.waitFor());
        assertEquals("OptionalLong[875560960]\n1.0\n", out.substring(out.indexOf(' ') + 1), out);
    }
}
