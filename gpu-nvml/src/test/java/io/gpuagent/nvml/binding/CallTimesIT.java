package io.gpuagent.nvml.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.nvml.FakeNvml.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link CallTimes} on the stand-in library. */
class CallTimesIT {

    @TempDir
    Path directory;

    private record Result(int status, String out) {}

    @Test
    void everyExportedFunctionIsTimedAndASlowOneShows() throws Exception {
        Result result = times("""
                driver version=580.95.05
                device 0 uuid=GPU-0 name="Stand-in" mem_total=8G fan_speed.0=30 gpm_sm_utilization=31.5
                proc 0 pid=100 mem=1G sm=10
                fault 0 call=nvmlDeviceGetMemoryInfo_v2 delay=20ms
                """);
        assertEquals(0, result.status(), result.out());
        assertTrue(result.out().startsWith("Stand-in, driver 580.95.05, 3 rounds"), result.out());
        List<String> rows = result.out()
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("`")[1])
                .toList();
        List<String> missing = ReadTable.ROWS.stream()
                .map(row -> row.function().symbol())
                .filter(symbol -> !rows.contains(symbol))
                .toList();
        assertEquals(List.of(), missing);
        assertTrue(median(result, "nvmlDeviceGetMemoryInfo_v2") >= 20_000, result.out());
        assertTrue(median(result, "nvmlDeviceGetMemoryInfo") < 20_000, result.out());
        for (String symbol : List.of(
                "nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetProcessUtilization", "nvmlGpmSampleGet")) {
            assertTrue(
                    result.out().lines().anyMatch(line -> line.contains(symbol) && line.contains("SUCCESS")), symbol);
        }
    }

    @Test
    void withoutADriverItExitsWith77() throws Exception {
        Result result = times("driver code=9\n");
        assertEquals(77, result.status(), result.out());
        assertEquals(
                "no NVIDIA GPU: nvmlInit_v2 returned DRIVER_NOT_LOADED",
                result.out().strip());
    }

    private static int median(Result result, String symbol) {
        return result.out()
                .lines()
                .filter(line -> line.startsWith("| `" + symbol + "`"))
                .map(line -> line.split(" *\\| *"))
                .collect(Collectors.collectingAndThen(Collectors.toList(), rows -> Integer.parseInt(rows.get(0)[3])));
    }

    private Result times(String scenario) throws IOException, InterruptedException {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory).play(scenario);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CallTimes.class.getName(),
                        fake.library().toString(),
                        "3")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes());
        return new Result(process.waitFor(), out);
    }
}
