package io.gpuagent.agent.cli.doctor;

import io.gpuagent.agent.cli.doctor.DeviceNodes.Access;
import io.gpuagent.agent.cli.doctor.DeviceNodes.Node;
import io.gpuagent.agent.cli.doctor.Finding.Verdict;
import io.gpuagent.usage.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether the driver's device nodes can be opened, and what it matters. */
public final class GpuChecks {

    private GpuChecks() {}

    /** The nodes below a directory, judged by how the driver does. */
    public static Check of(Path dev, Path procfs, DriverCheck driver) {
        return Check.of("devices", () -> DeviceNodes.read(dev, procfs), nodes -> judge(nodes, driver.snapshot()));
    }

    static List<Finding> judge(DeviceNodes nodes, Optional<Snapshot> driver) {
        boolean refused = driver.isPresent() && GpuFindings.refusesList(driver.get());
        return List.of(nodes(nodes.nodes(), driver), mig(nodes.migMonitor(), refused));
    }

    private static Finding nodes(List<Node> nodes, Optional<Snapshot> driver) {
        List<Node> shut =
                nodes.stream().filter(node -> node.access() != Access.OPENS).toList();
        if (shut.isEmpty()) {
            return Finding.ok("devices", paths(nodes) + (nodes.size() == 1 ? " opens" : " open"));
        }
        Node first = shut.get(0);
        String text = paths(shut) + ": " + first.why();
        if (driver.isPresent() && GpuFindings.allWork(driver.get())) {
            return Finding.ok("devices", text + "; the driver answers all the same");
        }
        boolean up = driver.isPresent() && driver.get().backend().up();
        return new Finding("devices", up ? Verdict.LIMITED : Verdict.BROKEN, text, mend(first.access()));
    }

    private static String paths(List<Node> nodes) {
        return nodes.stream().map(node -> node.path().toString()).collect(Collectors.joining(", "));
    }

    /** NVIDIA/nvidia-container-toolkit#48 for EPERM; fedora-selinux/selinux-policy#1695 for EACCES. */
    private static String mend(Access access) {
        return switch (access) {
            case ABSENT ->
                "on a host load the driver, nvidia-modprobe makes the nodes; start a container with --runtime=nvidia"
                        + " (Kubernetes: runtimeClassName: nvidia) and NVIDIA_VISIBLE_DEVICES=all, or by CDI";
            case DENIED ->
                "by default all may open them: see ls -lZ /dev/nvidia*; where SELinux forbids it, ausearch -m avc says so";
            case REVOKED ->
                "device access was revoked, as by systemctl daemon-reload or the kubelet's CPU manager: make the container"
                        + " anew; started by CDI or with a --device for each node it keeps its access";
            case OPENS, OTHER -> "is the kernel module loaded? modprobe nvidia; dmesg";
        };
    }

    private static Finding mig(Optional<Node> monitor, boolean refused) {
        if (monitor.isEmpty()) {
            return Finding.ok("mig", "this driver has no capability to monitor MIG");
        }
        Node node = monitor.get();
        if (node.access() == Access.OPENS) {
            return Finding.ok("mig", node.path() + " opens: boards with MIG on can be monitored");
        }
        String text = node.path() + ": " + node.why();
        return refused
                ? Finding.limited("mig", text, GpuFindings.MIG_MONITOR)
                : Finding.ok("mig", text + "; no board asks for it now");
    }
}
