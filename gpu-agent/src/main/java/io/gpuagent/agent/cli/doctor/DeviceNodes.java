package io.gpuagent.agent.cli.doctor;

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
 * The driver's device nodes, as far as this process can open them.
 *
 * @param nodes {@code nvidiactl} first, then one for each GPU that has one
 * @param migMonitor the node that the right to watch all of a MIG board comes with; empty where the driver has no such capability
 */
record DeviceNodes(List<Node> nodes, Optional<Node> migMonitor) {

    private static final Pattern MINOR = Pattern.compile("(?m)^DeviceFileMinor:\\s*(\\d+)");

    /** What came of opening a node. */
    enum Access {
        OPENS,
        /** ENOENT. */
        ABSENT,
        /** EACCES: the node's mode, or a security module. */
        DENIED,
        /** EPERM: the device cgroup. */
        REVOKED,
        OTHER
    }

    /** @param why in the system's words; empty if it opens */
    record Node(Path path, Access access, String why) {}

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

    /** To be opened and closed does nothing to a node. */
    private static Node open(Path path) {
        try {
            Files.newByteChannel(path).close();
            return new Node(path, Access.OPENS, "");
        } catch (IOException e) {
            return refused(path, e);
        }
    }

    static Node refused(Path path, IOException refusal) {
        if (refusal instanceof NoSuchFileException) {
            return new Node(path, Access.ABSENT, "not there");
        }
        if (refusal instanceof AccessDeniedException) {
            return new Node(path, Access.DENIED, "permission denied (EACCES)");
        }
        String why = refusal instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : String.valueOf(refusal.getMessage());
        // EPERM has no exception of its own.
        return why.equals("Operation not permitted")
                ? new Node(path, Access.REVOKED, "operation not permitted (EPERM)")
                : new Node(path, Access.OTHER, why);
    }
}
