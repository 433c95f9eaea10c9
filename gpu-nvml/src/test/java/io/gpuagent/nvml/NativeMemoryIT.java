package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.Gpu;
import io.gpuagent.nvml.RunningProcesses.Entry;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.LibrarySearch;
import io.gpuagent.nvml.binding.Nvml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Checks that the backend does not leak native memory in long runs. */
class NativeMemoryIT extends FakeNvmlTest {

    private static final String SCENARIO =
            "device 0 uuid=GPU-a mem_total=8G util=1 mem_util=1 temp=1 power=1 power_limit=1\n"
                    + "proc 0 pid=100 mem=1M\nproc 0 pid=101 mem=1M list=C+G\n";
    private static final long MIB = 1L << 20;

    @Test
    void aMillionReadsOfAProcessListDoNotGrowTheProcess() throws Exception {
        gpus(SCENARIO);
        Session session = new Session(
                Nvml.load(new LibrarySearch(fake.library(), Path.of("/")), null), new Semaphore(Integer.MAX_VALUE));
        RunningProcesses running = new RunningProcesses(DeviceCalls.open(session, 0));
        read(running, 200_000);
        long before = residentBytes();
        read(running, 1_000_000);
        assertFlat(before);
    }

    private static void read(RunningProcesses running, int times) throws Exception {
        List<Entry> entries = List.of();
        for (int i = 0; i < times; i++) {
            entries = running.read(DeviceFunctions.COMPUTE_PROCESSES, new ReadProblems());
        }
        assertEquals(2, entries.size());
    }

    @Test
    void longEnumeratingAndReadingDoesNotGrowTheProcess() throws Exception {
        gpus(SCENARIO);
        enumerateAndRead(30_000);
        long before = residentBytes();
        enumerateAndRead(50_000);
        assertFlat(before);
    }

    private void enumerateAndRead(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            for (Gpu gpu : backend.enumerate().gpus()) {
                gpu.read();
            }
        }
    }

    /**
     * Checks that the resident memory is nearly constant. The heap has a fixed size (pom.xml), but compiled code and
     * class metadata still grow a little.
     */
    private static void assertFlat(long before) throws IOException {
        long growth = residentBytes() - before;
        System.out.println("Resident memory grew by " + growth / 1024 + " KiB");
        assertTrue(growth < 16 * MIB, "grew by " + growth / MIB + " MiB");
    }

    private static long residentBytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }
}
