package io.gpuagent.agent.doctor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The driver's device nodes, and whether this process can open them.
 *
 * @param nodes {@code nvidiactl} first, then one for each GPU that has one
 * @param migMonitor the device node of the MIG monitor capability; empty if the driver has no such capability
 */
record DeviceNodes(List<DeviceNode> nodes, Optional<DeviceNode> migMonitor) {

    private static final Pattern MINOR = Pattern.compile("(?m)^DeviceFileMinor:\\s*(\\d+)");

    /** The result of opening a node. */
    enum Access {
        OPENS,
        /** The node does not exist (ENOENT). */
        ABSENT,
        /** The mode of the node or a security module denies access (EACCES). */
        DENIED,
        /** The device cgroup denies access (EPERM). */
        REVOKED,
        OTHER
    }

    /** @param why the error message; empty if the node can be opened */
    record DeviceNode(Path path, Access access, String why) {}

    static DeviceNodes read(Path dev, Path procfs) throws IOException {
        List<Path> gpus = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dev, "nvidia[0-9]*")) {
            entries.forEach(gpus::add);
        }
        return new DeviceNodes(
                Stream.concat(Stream.of(dev.resolve("nvidiactl")), gpus.stream().sorted())
                        .map(DeviceNodes::open)
                        .toList(),
                migMonitor(procfs).map(name -> open(dev.resolve("nvidia-caps").resolve(name))));
    }

    private static Optional<String> migMonitor(Path procfs) {
        Matcher minor = MINOR.matcher(HostChecks.text(procfs.resolve("driver/nvidia/capabilities/mig/monitor")));
        return minor.find() ? Optional.of("nvidia-cap" + minor.group(1)) : Optional.empty();
    }

    /** Opens and closes the node, which has no side effect. */
    private static DeviceNode open(Path path) {
        try {
            Files.newByteChannel(path).close();
            return new DeviceNode(path, Access.OPENS, "");
        } catch (IOException e) {
            return refused(path, e);
        }
    }

    static DeviceNode refused(Path path, IOException refusal) {
        if (refusal instanceof NoSuchFileException) {
            return new DeviceNode(path, Access.ABSENT, "does not exist");
        }
        if (refusal instanceof AccessDeniedException) {
            return new DeviceNode(path, Access.DENIED, "permission denied (EACCES)");
        }
        String why = refusal instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : String.valueOf(refusal.getMessage());
        // The JDK has no exception type for EPERM.
        return why.equals("Operation not permitted")
                ? new DeviceNode(path, Access.REVOKED, "operation not permitted (EPERM)")
                : new DeviceNode(path, Access.OTHER, why);
    }
}
