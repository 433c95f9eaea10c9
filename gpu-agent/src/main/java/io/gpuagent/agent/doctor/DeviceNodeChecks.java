package io.gpuagent.agent.doctor;

import io.gpuagent.agent.doctor.DeviceNodes.Access;
import io.gpuagent.agent.doctor.DeviceNodes.DeviceNode;
import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.usage.Snapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Checks whether the driver's device nodes can be opened, and whether a failure affects the agent. */
public final class DeviceNodeChecks {

    private DeviceNodeChecks() {}

    /** A check of the nodes in a directory, evaluated together with the state of the driver. */
    public static Check of(Path dev, Path procfs, DriverCheck driver) {
        return Check.of("devices", () -> DeviceNodes.read(dev, procfs), nodes -> judge(nodes, driver.snapshot()));
    }

    static List<Finding> judge(DeviceNodes nodes, Optional<Snapshot> driver) {
        boolean refused = driver.isPresent() && GpuFindings.refusesList(driver.get());
        return List.of(nodes(nodes.nodes(), driver), mig(nodes.migMonitor(), refused));
    }

    private static Finding nodes(List<DeviceNode> nodes, Optional<Snapshot> driver) {
        List<DeviceNode> shut =
                nodes.stream().filter(node -> node.access() != Access.OPENS).toList();
        if (shut.isEmpty()) {
            return Finding.ok("devices", paths(nodes) + " can be opened");
        }
        DeviceNode first = shut.get(0);
        String text = paths(shut) + ": " + first.why();
        if (driver.isPresent() && GpuFindings.allWork(driver.get())) {
            return Finding.ok("devices", text + "; the driver answers anyway");
        }
        boolean up = driver.isPresent() && driver.get().backend().up();
        return new Finding("devices", up ? Verdict.LIMITED : Verdict.BROKEN, text, fix(first.access()));
    }

    private static String paths(List<DeviceNode> nodes) {
        return nodes.stream().map(node -> node.path().toString()).collect(Collectors.joining(", "));
    }

    /**
     * Returns the fix for a node that cannot be opened. For EPERM see NVIDIA/nvidia-container-toolkit#48, for EACCES
     * fedora-selinux/selinux-policy#1695.
     */
    private static String fix(Access access) {
        return switch (access) {
            case ABSENT ->
                "on a host, load the driver and create the nodes with nvidia-modprobe; in a container, use --runtime=nvidia"
                        + " (Kubernetes: runtimeClassName: nvidia) and NVIDIA_VISIBLE_DEVICES=all, or CDI";
            case DENIED ->
                "check their permissions, which by default allow everyone: ls -lZ /dev/nvidia*; for SELinux denials: ausearch -m avc";
            case REVOKED ->
                "device access was revoked, for example by systemctl daemon-reload or the kubelet's CPU manager: recreate the"
                        + " container; with CDI or a --device option per node it keeps its access";
            case OPENS, OTHER -> "check that the kernel module is loaded: modprobe nvidia; dmesg";
        };
    }

    private static Finding mig(Optional<DeviceNode> monitor, boolean refused) {
        if (monitor.isEmpty()) {
            return Finding.ok("mig", "this driver has no capability to monitor MIG");
        }
        DeviceNode node = monitor.get();
        if (node.access() == Access.OPENS) {
            return Finding.ok("mig", node.path() + " can be opened: boards in MIG mode can be monitored");
        }
        String text = node.path() + ": " + node.why();
        return refused
                ? Finding.limited("mig", text, GpuFindings.MIG_MONITOR)
                : Finding.ok("mig", text + "; no board requires it now");
    }
}
