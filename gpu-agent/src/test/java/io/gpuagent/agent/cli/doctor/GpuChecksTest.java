package io.gpuagent.agent.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.cli.doctor.DeviceNodes.Access;
import io.gpuagent.agent.cli.doctor.DeviceNodes.Node;
import io.gpuagent.agent.cli.doctor.Finding.Verdict;
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
class GpuChecksTest {

    private static final Path CONTROL = Path.of("/dev/nvidiactl");
    private static final Node OPEN = new Node(CONTROL, Access.OPENS, "");
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
                        new Node(dev.resolve("nvidiactl"), Access.ABSENT, "not there"),
                        new Node(dev.resolve("nvidia0"), Access.OPENS, ""),
                        new Node(dev.resolve("nvidia1"), Access.OPENS, "")),
                nodes.nodes());
        assertEquals(
                Optional.of(new Node(dev.resolve("nvidia-caps/nvidia-cap2"), Access.OPENS, "")), nodes.migMonitor());
        assertEquals(Optional.empty(), DeviceNodes.read(dev, directory).migMonitor());
    }

    @Test
    void aNodeWithoutADriverIsReportedWithTheSystemsError() {
        Node dead = DeviceNodes.refused(
                CONTROL, new FileSystemException(CONTROL.toString(), null, "No such device or address"));
        assertEquals(new Node(CONTROL, Access.OTHER, "No such device or address"), dead);
        assertTrue(nodes(DOWN, dead).mend().contains("modprobe nvidia"));
        Node odd = DeviceNodes.refused(CONTROL, new IOException("odd"));
        assertEquals(new Node(CONTROL, Access.OTHER, "odd"), odd);
    }

    @Test
    void aDenialByTheCgroupIsDistinguishedFromOneByTheFileMode() {
        Node revoked = DeviceNodes.refused(
                CONTROL, new FileSystemException(CONTROL.toString(), null, "Operation not permitted"));
        assertEquals(Access.REVOKED, revoked.access());
        Node denied = DeviceNodes.refused(CONTROL, new AccessDeniedException(CONTROL.toString()));
        assertEquals(Access.DENIED, denied.access());
        assertTrue(nodes(DOWN, revoked).mend().contains("make the container anew"));
        assertTrue(nodes(DOWN, denied).mend().contains("ausearch -m avc"));
    }

    @Test
    void nodesThatOpenAreOkWhateverTheDriverReports() {
        assertEquals(Finding.ok("devices", "/dev/nvidiactl opens"), nodes(DOWN, OPEN));
        Node gpu = new Node(Path.of("/dev/nvidia0"), Access.OPENS, "");
        assertEquals(Finding.ok("devices", "/dev/nvidiactl, /dev/nvidia0 open"), nodes(UP, OPEN, gpu));
    }

    @Test
    void missingNodesDoNotMatterWhileEveryGpuIsRead() {
        Node absent = new Node(CONTROL, Access.ABSENT, "not there");
        assertEquals(
                Finding.ok("devices", "/dev/nvidiactl: not there; the driver answers all the same"), nodes(UP, absent));
        assertEquals(Verdict.BROKEN, nodes(DOWN, absent).verdict());
        assertEquals(Verdict.BROKEN, nodes(Optional.empty(), absent).verdict(), "no library");
    }

    @Test
    void anInaccessibleNodeOfOneGpuIsALimit() {
        Optional<Snapshot> oneLost =
                Optional.of(DoctorSnapshots.of(DoctorSnapshots.live(), DoctorSnapshots.lost("NO_PERMISSION")));
        Node shut = new Node(Path.of("/dev/nvidia1"), Access.REVOKED, "operation not permitted (EPERM)");
        Finding finding = nodes(oneLost, OPEN, shut);
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertEquals("/dev/nvidia1: operation not permitted (EPERM)", finding.text());
    }

    @Test
    void theMigMonitorCapabilityMattersOnlyIfABoardRefusesItsProcessList() {
        Node shut = new Node(Path.of("/dev/nvidia-caps/nvidia-cap2"), Access.DENIED, "permission denied (EACCES)");
        assertEquals(Verdict.OK, mig(UP, Optional.empty()).verdict());
        assertEquals(
                "/dev/nvidia-caps/nvidia-cap2: permission denied (EACCES); no board asks for it now",
                mig(UP, Optional.of(shut)).text());
        Optional<Snapshot> refused = Optional.of(DoctorSnapshots.of(DoctorSnapshots.withoutList("NO_PERMISSION")));
        Finding finding = mig(refused, Optional.of(shut));
        assertEquals(Verdict.LIMITED, finding.verdict());
        assertTrue(finding.mend().contains("NVIDIA_MIG_MONITOR_DEVICES=all"), finding.mend());
        assertEquals(
                Verdict.OK,
                mig(refused, Optional.of(new Node(shut.path(), Access.OPENS, "")))
                        .verdict());
    }

    private static Finding nodes(Optional<Snapshot> driver, Node... nodes) {
        return GpuChecks.judge(new DeviceNodes(List.of(nodes), Optional.empty()), driver)
                .get(0);
    }

    private static Finding mig(Optional<Snapshot> driver, Optional<Node> monitor) {
        return GpuChecks.judge(new DeviceNodes(List.of(OPEN), monitor), driver).get(1);
    }
}
