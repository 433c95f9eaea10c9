package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.nvml.FakeNvml.Variant;
import io.gpuagent.nvml.binding.ReadTable;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads one scenario through the libraries of several driver versions. */
class DriverVariantsIT {

    private static final String SCENARIO = """
            driver version=1.2.3
            device 0 uuid=GPU-a name=A mem_total=8G mem_reserved=100M mem_other=10M mig=on util=40 mem_util=7 temp=51 power=71.5 power_limit=75
            instance 0 slot=0 gi=1 uuid=MIG-a profile=1g.1gb mem_total=1G mem_used=700M
            proc 0 pid=100 mem=500M gi=1 ci=0
            proc 0 pid=100 mem=700M list=G gi=1 ci=0
            proc 0 pid=101 mem=30M list=C+M gi=2 ci=0
            proc 0 pid=102 mem=unknown gi=2 ci=0
            """;
    private static final String BASIC =
            " readings=[UTILIZATION=0.4, MEMORY_UTILIZATION=0.07, TEMPERATURE=51.0, POWER=71.5, POWER_LIMIT=75.0";
    private static final String WITHOUT_MIG_MODE = BASIC + "] faults=[] rejections=[]";
    private static final String READINGS = BASIC + ", MIG_MODE=1.0] faults=[] rejections=[]";
    private static final String V1 =
            "0 GPU-a memory=GpuMemory[api=V1, totalBytes=8589934592, usedBytes=880803840, freeBytes=7709130752, reservedBytes=null]";
    private static final String V2 =
            "0 GPU-a memory=GpuMemory[api=V2, totalBytes=8589934592, usedBytes=775946240, freeBytes=7709130752, reservedBytes=104857600]";
    private static final String WITH_INSTANCES =
            " instances=1:0 MIG-a 1g.1gb 734003200 processes=[100 C+G 1:0 734003200, 101 M+C 2:0 31457280, 102 C 2:0 null]";

    @TempDir
    private Path directory;

    @Test
    void driver418HasNoInstancesNoMpsListAndOnlyTheOldMemoryCall() {
        assertSampled(
                Variant.DRIVER_418,
                V1 + " processes=[100 C+G  734003200, 101 C  31457280, 102 C  null]" + WITHOUT_MIG_MODE);
    }

    @Test
    void driver470HasInstancesAndTheOldMemoryCall() {
        assertSampled(Variant.DRIVER_470, V1 + WITH_INSTANCES + READINGS);
    }

    @Test
    void early535BuildsHaveLongerEntriesAndTheSameRows() {
        assertSampled(Variant.DRIVER_535_EARLY, V2 + WITH_INSTANCES + READINGS);
    }

    @Test
    void driver580HasEverything() {
        assertSampled(Variant.DRIVER_580, V2 + WITH_INSTANCES + READINGS);
    }

    private void assertSampled(Variant variant, String line) {
        FakeNvml fake = FakeNvml.build(variant, directory).play(SCENARIO + "library log=on\n");
        try (Probe probe = Probe.start(fake.library())) {
            for (int i = 0; i < 6; i++) {
                assertEquals(List.of(line), probe.sample(), "sample " + i);
            }
        }
        assertEquals(1, fake.calls("nvmlInit_v2"), "initialised once");
        assertEquals(1, fake.calls("nvmlShutdown"), "shut down once");
        assertEquals(
                1,
                fake.calls().stream().filter("nvmlDeviceGetName 0"::equals).count(),
                "constant values are read once");
    }

    @Test
    void aLibraryThatLacksAnyOneOptionalFunctionIsStillRead() {
        List<String> optional = List.of(
                "nvmlSystemGetDriverVersion",
                "nvmlDeviceGetName",
                "nvmlDeviceGetPciInfo_v3",
                "nvmlDeviceGetMigMode",
                "nvmlDeviceGetMaxMigDeviceCount",
                "nvmlDeviceGetMigDeviceHandleByIndex",
                "nvmlDeviceGetGpuInstanceId",
                "nvmlDeviceGetComputeInstanceId",
                "nvmlDeviceGetMemoryInfo_v2",
                "nvmlDeviceGetMemoryInfo",
                "nvmlDeviceGetComputeRunningProcesses_v3",
                "nvmlDeviceGetGraphicsRunningProcesses_v3",
                "nvmlDeviceGetMPSComputeRunningProcesses_v3",
                "nvmlDeviceGetUtilizationRates",
                "nvmlDeviceGetTemperatureV",
                "nvmlDeviceGetTemperature",
                "nvmlDeviceGetPowerUsage",
                "nvmlDeviceGetEnforcedPowerLimit",
                "nvmlDeviceGetAccountingMode",
                "nvmlDeviceGetAccountingStats",
                "nvmlGpmSampleFree",
                "nvmlEventSetCreate",
                "nvmlDeviceRegisterEvents",
                "nvmlEventSetWait_v2",
                "nvmlEventSetWait",
                "nvmlEventSetFree");
        for (String omitted : optional) {
            FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory.resolve(omitted), omitted)
                    .play(SCENARIO);
            try (Probe probe = Probe.start(fake.library())) {
                String sampled = probe.sample().get(0);
                assertTrue(sampled.startsWith("0 GPU-a memory=GpuMemory[api=V"), omitted + ": " + sampled);
                assertTrue(sampled.contains("100 C+G "), omitted + ": " + sampled);
                assertTrue(sampled.endsWith("faults=[] rejections=[]"), omitted + ": " + sampled);
            }
        }
    }

    @Test
    void aLibraryWithoutOptionalFunctionsStillListsItsDevices() {
        Stream<String> others = Stream.of(
                "nvmlSystemGetDriverVersion",
                "nvmlDeviceGetName",
                "nvmlDeviceGetPciInfo_v3",
                "nvmlDeviceGetMemoryInfo_v2",
                "nvmlDeviceGetMemoryInfo",
                "nvmlDeviceGetAccountingMode",
                "nvmlDeviceGetAccountingStats",
                "nvmlEventSetCreate",
                "nvmlDeviceRegisterEvents",
                "nvmlEventSetWait",
                "nvmlEventSetFree");
        Stream<String> table =
                ReadTable.ROWS.stream().map(row -> row.function().symbol()).distinct();
        String[] all = Stream.concat(others, table).toArray(String[]::new);
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_418, directory, all).play(SCENARIO);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(
                    List.of("0 GPU-a memory=null processes=[100 C+G  734003200, 101 C  31457280, 102 C  null]"
                            + " readings=[] faults=[] rejections=[]"),
                    probe.sample());
        }
    }

    @Test
    void aMissingEssentialFunctionIsNamed() {
        FakeNvml fake = FakeNvml.build(Variant.DRIVER_580, directory, "nvmlDeviceGetUUID")
                .play(SCENARIO);
        try (Probe probe = Probe.start(fake.library())) {
            assertEquals(List.of("FAILED " + fake.library() + " lacks nvmlDeviceGetUUID"), probe.sample());
        }
    }
}
