package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.MigInstance;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests which process lists are used if NVML refuses the list of the board or of a MIG instance, or if an instance
 * cannot be opened.
 */
class MigListsTest extends FakeNvmlTest {

    private static final String SPARSE = """
            device 0 uuid=GPU-a mem_total=80G mig=on
            instance 0 slot=0 gi=3 uuid=MIG-a profile=3g.40gb mem_total=39G
            instance 0 slot=3 gi=9 uuid=MIG-b profile=1g.10gb mem_total=9G
            instance 0 slot=5 gi=13 uuid=MIG-c profile=1g.10gb+me
            proc 0 pid=100 mem=4G gi=3 ci=0
            proc 0 pid=101 mem=2G gi=9 ci=0
            proc 0 pid=100 mem=1G gi=9 ci=0
            """;

    private static final List<String> ALL_ROWS = List.of("100 3:0", "101 9:0", "100 9:0");

    private static final String REFUSED = "fault 0 call=nvmlDeviceGetComputeRunningProcesses code=4\n";

    @Test
    void instanceListsAreUsedIfTheBoardsListIsRefused() throws Exception {
        GpuSample sample = sampleOf(SPARSE + REFUSED + "proc 0 pid=102 mem=1G\n");
        assertEquals(ALL_ROWS, rows(sample));
        assertEquals(List.of(), sample.faults());
        assertNotNull(sample.memory());
    }

    @Test
    void refusedInstanceListsDoNotMatterIfTheBoardsListIsReadable() throws Exception {
        for (int code : List.of(3, 4, 999)) {
            GpuSample sample = sampleOf(SPARSE + refusedByInstance("*", code));
            assertEquals(ALL_ROWS, rows(sample));
            assertEquals(List.of(), sample.faults());
        }
    }

    @Test
    void boardsFaultIsReportedIfBothListsAreRefusedBecauseItCanBeFixed() throws Exception {
        for (String slot : List.of("*", "3")) {
            GpuSample vgpuHost = sampleOf(SPARSE + REFUSED + refusedByInstance(slot, 3));
            assertEquals("NO_PERMISSION", unreadable(vgpuHost).fault().code());
            assertEquals(List.of("NO_PERMISSION"), codes(vgpuHost));
            assertEquals(3, vgpuHost.instances().size());
            GpuSample failing = sampleOf(SPARSE + REFUSED + refusedByInstance(slot, 999));
            assertEquals("NO_PERMISSION", unreadable(failing).fault().code());
            assertEquals(List.of("NO_PERMISSION", "UNKNOWN"), codes(failing));
        }
    }

    @Test
    void refusedListIsUnreadableIfNoInstanceCanBeQueried() throws Exception {
        GpuSample none = sampleOf("device 0 uuid=GPU-a mig=on\n" + REFUSED);
        assertEquals("NO_PERMISSION", unreadable(none).fault().code());
        assertEquals(1, none.faults().size());
        for (String scenario : List.of(SPARSE + handle(999), SPARSE.replace("mig=on", "mig=off"))) {
            assertEquals(
                    "NO_PERMISSION",
                    unreadable(sampleOf(scenario + REFUSED)).fault().code());
        }
    }

    @Test
    void instanceThatCannotBeOpenedHidesNeitherTheOthersNorTheProcesses() throws Exception {
        GpuSample sample = sampleOf(SPARSE + handle(999));
        assertEquals(
                List.of("MIG-a", "MIG-c"),
                sample.instances().stream().map(MigInstance::uuid).toList());
        assertEquals(ALL_ROWS, rows(sample));
        assertEquals(List.of(new CallFault("nvmlDeviceGetMigDeviceHandleByIndex", "UNKNOWN")), sample.faults());
    }

    @Test
    void slotReportedAsInvalidIsEmpty() throws Exception {
        GpuSample sample = sampleOf(SPARSE + handle(2));
        assertEquals(2, sample.instances().size());
        assertEquals(List.of(), sample.faults());
    }

    @Test
    void failedMemoryOfAnInstanceIsAbsentAndAFault() throws Exception {
        GpuSample sample = sampleOf(SPARSE + "fault 0 slot=0 call=nvmlDeviceGetMemoryInfo code=999\n");
        assertNull(sample.instances().get(0).memory());
        assertNotNull(sample.instances().get(1).memory());
        assertEquals(List.of("UNKNOWN"), codes(sample));
    }

    /** Returns a statement that prevents the instance in slot 3 from being opened. */
    private static String handle(int code) {
        return "fault 0 slot=3 call=nvmlDeviceGetMigDeviceHandleByIndex code=" + code + "\n";
    }

    private static String refusedByInstance(String slot, int code) {
        return "fault 0 slot=" + slot + " call=nvmlDeviceGetComputeRunningProcesses code=" + code + "\n";
    }

    private static List<String> codes(GpuSample sample) {
        return sample.faults().stream().map(CallFault::code).sorted().toList();
    }

    private static List<String> rows(GpuSample sample) {
        return processes(sample).stream().map(MigListsTest::row).toList();
    }

    private static String row(GpuProcess process) {
        return process.pid() + " " + process.mig();
    }
}
