package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.doctor.DeviceNodes.Access;
import io.gpuagent.agent.doctor.DeviceNodes.DeviceNode;
import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.usage.Snapshot;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Findings about the driver's device nodes. */
class DeviceNodeChecksTest {

    private static final Path CONTROL = Path.of("/dev/nvidiactl");
    private static final DeviceNode OPEN = new DeviceNode(CONTROL, Access.OPENS, "");
    private static final Optional<Snapshot> UP = Optional.of(DoctorSnapshots.of(DoctorSnapshots.live()));
    private static final Optional<Snapshot> DOWN = Optional.of(DoctorSnapshots.down(Reason.FAILED));

    @TempDir
    private Path directory;

    @Test
    void nodesAreOpenedAndTheControlNodeIsFirst() throws IOException {
        Path capabilities = Files.createDirectories(directory.resolve("proc/driver/nvidia/capabilities/mig"));
        Files.writeString(
                capabilities.resolve("monitor"), "DeviceFileMinor: 2\nDeviceFileMode: 256\nDeviceFileModify: 1\n");
        Path dev = Files.createDirectories(directory.resolve("dev"));
        Files.createDirectories(dev.resolve("nvidia-caps"));
        for (String name : List.of("nvidia1", "nvidia0", "nvidia-uvm", "nvidia-caps/nvidia-cap2")) {
            Files.createFile(dev.resolve(name));
        }
        DeviceNodes nodes = DeviceNodes.read(dev, directory.resolve("proc"));
        assertEquals(
                List.of(
                        new DeviceNode(dev.resolve("nvidiactl"), Access.ABSENT, "does not exist"),
                        new DeviceNode(dev.resolve("nvidia0"), Access.OPENS, ""),
                        new DeviceNode(dev.resolve("nvidia1"), Access.OPENS, "")),
                nodes.nodes());
        assertEquals(
                Optional.of(new DeviceNode(dev.resolve("nvidia-caps/nvidia-cap2"), Access.OPENS, "")),
                nodes.migMonitor());
        assertEquals(Optional.empty(), DeviceNodes.read(dev, directory).migMonitor());
    }

    @Test
    void aNodeWithoutADriverIsReportedWithTheSystemsError() {
        DeviceNode dead = DeviceNodes.refused(
                CONTROL, new FileSystemException(CONTROL.toString(), null, "No such device or address"));
        assertEquals(new DeviceNode(CONTROL, Access.OTHER, "No such device or address"), dead);
        assertTrue(nodes(DOWN, dead).fix().contains("modprobe nvidia"));
        DeviceNode odd = DeviceNodes.refused(CONTROL, new IOException("odd"));
        assertEquals(new DeviceNode(CONTROL, Access.OTHER, "odd"), odd);
    }

    @Test
    void aDenialByTheCgroupIsDistinguishedFromOneByTheFileMode() {
        DeviceNode revoked = DeviceNodes.refused(
                CONTROL, new FileSystemException(CONTROL.toString(), null, "Operation not permitted"));
        assertEquals(Access.REVOKED, revoked.access());
        DeviceNode denied = DeviceNodes.refused(CONTROL, new AccessDeniedException(CONTROL.toString()));
        assertEquals(Access.DENIED, denied.access());
        assertTrue(nodes(DOWN, revoked).fix().contains("recreate the container"));
        assertTrue(nodes(DOWN, denied).fix().contains("ausearch -m avc"));
    }

    @Test
    void nodesThatOpenAreOkWhateverTheDriverReports() {
        assertEquals(Finding.ok("devices", "/dev/nvidiactl can be opened"), nodes(DOWN, OPEN));
        DeviceNode gpu = new DeviceNode(Path.of("/dev/nvidia0"), Access.OPENS, "");
        assertEquals(Finding.ok("devices", "/dev/nvidiactl, /dev/nvidia0 can be opened"), nodes(UP, OPEN, gpu));
    }

    @Test
    void missingNodesDoNotMatterWhileEveryGpuIsRead() {
        DeviceNode absent = new DeviceNode(CONTROL, Access.ABSENT, "does not exist");
        assertEquals(
                Finding.ok("devices", "/dev/nvidiactl: does not exist; the driver answers anyway"), nodes(UP, absent));
        assertEquals(Verdict.BROKEN, nodes(DOWN, absent).verdict());
        assertEquals(Verdict.BROKEN, nodes(Optional.empty(), absent).verdict(), "no library");
    }

    @Test
    void anInaccessibleNodeOfOneGpuIsALimit() {
        Optional<Snapshot> oneLost =
                Optional.of(DoctorSnapshots.of(DoctorSnapshots.live(), DoctorSnapshots.lost("NO_PERMISSION")));
        DeviceNode shut = new DeviceNode(Path.of("/dev/nvidia1"), Access.REVOKED, "operation not permitted (EPERM)");
        Finding finding = nodes(oneLost, OPEN, shut);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("/dev/nvidia1: operation not permitted (EPERM)", finding.text());
    }

    @Test
    void theMigMonitorCapabilityMattersOnlyIfABoardRefusesItsProcessList() {
        DeviceNode shut =
                new DeviceNode(Path.of("/dev/nvidia-caps/nvidia-cap2"), Access.DENIED, "permission denied (EACCES)");
        assertEquals(Verdict.OK, mig(UP, Optional.empty()).verdict());
        assertEquals(
                "/dev/nvidia-caps/nvidia-cap2: permission denied (EACCES); no board requires it now",
                mig(UP, Optional.of(shut)).text());
        Optional<Snapshot> refused = Optional.of(DoctorSnapshots.of(DoctorSnapshots.withoutList("NO_PERMISSION")));
        Finding finding = mig(refused, Optional.of(shut));
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertTrue(finding.fix().contains("NVIDIA_MIG_MONITOR_DEVICES=all"), finding.fix());
        assertEquals(
                Verdict.OK,
                mig(refused, Optional.of(new DeviceNode(shut.path(), Access.OPENS, "")))
                        .verdict());
    }

    private static Finding nodes(Optional<Snapshot> driver, DeviceNode... nodes) {
        return DeviceNodeChecks.judge(new DeviceNodes(List.of(nodes), Optional.empty()), driver)
                .get(0);
    }

    private static Finding mig(Optional<Snapshot> driver, Optional<DeviceNode> monitor) {
        return DeviceNodeChecks.judge(new DeviceNodes(List.of(OPEN), monitor), driver)
                .get(1);
    }
}
