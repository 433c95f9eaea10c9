package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.doctor.DriverCheck.Module;
import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.device.BackendUnavailableException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Findings about the driver. */
class DriverCheckTest {

    private static final Path FILE = Path.of("/proc/driver/nvidia/version");
    private static final Module LOADED = new Module(FILE, "580.95.05", 1);
    private static final Module NONE = new Module(FILE, "", 0);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023 | 535.104.05",
                "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22) | 580.95.05",
                "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  610.12  Release Build | 610.12",
                "GCC version: gcc version 12.2.0 (Debian 12.2.0-14) | ''"
            })
    void theVersionOfTheKernelModuleIsParsed(String text, String version) {
        assertEquals(version, Module.parse(text));
    }

    @Test
    void theKernelModuleIsReadFromTheHostsProc() throws IOException {
        Path nvidia = Files.createDirectories(directory.resolve("driver/nvidia"));
        assertEquals(new Module(nvidia.resolve("version"), "", 0), Module.read(directory));
        Files.writeString(
                nvidia.resolve("version"), "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat\n");
        Files.createDirectories(nvidia.resolve("gpus/0000:3b:00.0"));
        Files.createDirectories(nvidia.resolve("gpus/0000:af:00.0"));
        assertEquals(new Module(nvidia.resolve("version"), "535.104.05", 2), Module.read(directory));
    }

    @Test
    void aWorkingDriverIsReportedWithItsVersionAndGpus() {
        List<Finding> findings = DriverCheck.judge(DoctorSnapshots.of(DoctorSnapshots.live(7)), LOADED);
        assertEquals(Finding.ok("driver", "580.95.05"), findings.get(0));
        assertEquals("gpu 0", findings.get(1).check());
        assertEquals(
                Verdict.OK,
                DriverCheck.judge(DoctorSnapshots.of(DoctorSnapshots.live()), NONE)
                        .get(0)
                        .verdict(),
                "as on WSL");
    }

    @Test
    void aModuleOfAnotherVersionIsALimit() {
        Finding finding = DriverCheck.judge(
                        DoctorSnapshots.of(DoctorSnapshots.live()), new Module(FILE, "535.104.05", 1))
                .get(0);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("580.95.05, but the kernel module is 535.104.05: the driver was upgraded", finding.text());
    }

    @Test
    void gpusThatAreHiddenFromTheProcessAreCounted() {
        Finding finding = DriverCheck.judge(
                        DoctorSnapshots.of(DoctorSnapshots.live()), new Module(FILE, "580.95.05", 8))
                .get(0);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("580.95.05; 1 of its 8 GPUs are visible to this process", finding.text());
        assertTrue(finding.fix().contains("NVIDIA_VISIBLE_DEVICES=all"), finding.fix());
    }

    @Test
    void aSimulationIsReported() {
        Finding finding = DriverCheck.judge(DoctorSnapshots.simulated(), LOADED).get(0);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("simulated: no figure is real", finding.text());
    }

    @Test
    void withoutALibraryOnlyTheKernelModuleIsReported() {
        assertEquals(
                List.of(Finding.ok("driver", "the kernel module 580.95.05 is loaded")),
                DriverCheck.judge(null, LOADED));
        Finding none = DriverCheck.judge(null, NONE).get(0);
        assertEquals(Verdict.BROKEN, none.verdict());
        assertEquals("no kernel module: /proc/driver/nvidia/version does not exist", none.text());
    }

    @Test
    void eachReasonHasItsOwnFix() {
        Map<Reason, String> words = Map.of(
                Reason.NO_LIBRARY, "nvidia-smi",
                Reason.NO_DRIVER, "modprobe nvidia",
                Reason.NO_GPU, "vfio-pci",
                Reason.DRIVER_REPLACED, "reboot",
                Reason.FAILED, "nvidia-smi");
        for (Reason reason : Reason.values()) {
            List<Finding> findings = DriverCheck.judge(DoctorSnapshots.down(reason), LOADED);
            assertEquals(1, findings.size());
            assertEquals(Verdict.BROKEN, findings.get(0).verdict());
            assertEquals("said so", findings.get(0).text());
            assertTrue(findings.get(0).fix().contains(words.get(reason)), findings.toString());
        }
    }

    @Test
    void aSilentDriverIsBroken() {
        assertEquals(
                Verdict.BROKEN,
                DriverCheck.judge(DoctorSnapshots.unknown(), LOADED).get(0).verdict());
        DriverCheck hung = new DriverCheck(directory, Optional::empty);
        assertEquals(Verdict.BROKEN, hung.findings().get(0).verdict(), "not even /proc/driver was read");
    }
}
