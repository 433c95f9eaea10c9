package io.gpuagent.agent.containers;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where runtimes keep the OCI bundles of their containers.
 *
 * @param automatic whether nobody named the places, so that finding nothing there is no trouble
 * @param root the host's root directory
 * @param patterns directories below the root in which a name may be a pattern; none if bundles are not to be read
 */
record BundleDirectories(boolean automatic, Path root, List<String> patterns) {

    /**
     * containerd 1 and 2 and Docker's, k3s and RKE2, k0s, MicroK8s, rootless nerdctl; then CRI-O and Podman, and Podman of users.
     * By their documents: containerd docs/ops.md, k3s and RKE2 advanced options, k0s runtime, containers-storage.conf(5).
     */
    private static final List<String> WELL_KNOWN = List.of("""
            run/containerd/io.containerd.runtime.v2.task
            run/containerd/io.containerd.runtime.v1.linux
            run/k3s/containerd/io.containerd.runtime.v2.task
            run/k0s/containerd/io.containerd.runtime.v2.task
            var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task
            run/user/*/containerd/io.containerd.runtime.v2.task
            run/containers/storage/*-containers
            var/lib/containers/storage/*-containers
            home/*/.local/share/containers/storage/*-containers
            """.strip().split("\\s+"));

    BundleDirectories {
        patterns = List.copyOf(patterns);
    }

    /**
     * What the flag {@code --oci.bundles} means: {@code off}, {@code auto}, or directories separated by commas.
     *
     * @throws IllegalArgumentException if it makes no sense; the message names it and its value
     */
    static BundleDirectories of(String flag, Path rootfs) {
        return switch (flag) {
            case "off" -> new BundleDirectories(false, rootfs, List.of());
            case "auto" -> new BundleDirectories(true, rootfs, WELL_KNOWN);
            default -> new BundleDirectories(false, Path.of("/"), named(flag));
        };
    }

    private static List<String> named(String flag) {
        List<String> directories =
                Stream.of(flag.split(",")).map(String::strip).distinct().toList();
        if (directories.isEmpty() || !directories.stream().allMatch(BundleDirectories::isAbsolute)) {
            throw new IllegalArgumentException("--oci.bundles=" + flag
                    + ": expected auto, off, or absolute paths of directories separated by commas");
        }
        return directories.stream().map(directory -> directory.substring(1)).toList();
    }

    private static boolean isAbsolute(String directory) {
        try {
            return Path.of(directory).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    boolean isOff() {
        return patterns.isEmpty();
    }

    /**
     * The directories that are there now. One that may not be listed stands for those below it, unless it is one of many users', most of
     * whom have none.
     */
    List<Path> present() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : patterns) {
            if (automatic) {
                match(root, List.of(pattern.split("/")), false, found);
            } else {
                match(root.resolve(pattern), List.of(), false, found);
            }
        }
        return found.stream().distinct().toList();
    }

    private static void match(Path directory, List<String> names, boolean ofUsers, List<Path> found)
            throws IOException {
        if (names.isEmpty()) {
            found.addAll(Files.isDirectory(directory) ? List.of(directory) : List.of());
            return;
        }
        List<String> rest = names.subList(1, names.size());
        if (!names.get(0).contains("*")) {
            match(directory.resolve(names.get(0)), rest, ofUsers, found);
            return;
        }
        try {
            for (Path child : children(directory, names.get(0))) {
                match(child, rest, true, found);
            }
        } catch (AccessDeniedException e) {
            found.addAll(ofUsers ? List.of() : List.of(directory));
        }
    }

    /** The entries of a directory whose names match a pattern; none if there is no such directory. */
    static List<Path> children(Path directory, String pattern) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            List<Path> children = new ArrayList<>();
            entries.forEach(children::add);
            return children.stream().sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
