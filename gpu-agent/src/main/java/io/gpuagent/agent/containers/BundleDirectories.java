package io.gpuagent.agent.containers;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where runtimes keep the OCI bundles of their containers.
 *
 * @param root the host's root directory
 * @param patterns directories below the root in which a name may be a pattern; none if bundles are not to be read
 */
record BundleDirectories(Whose whose, Path root, List<String> patterns) {

    /** Whose places they are. */
    enum Whose {
        /** The flag names them. */
        NAMED,
        /** Root's, where runtimes keep them by default. */
        HOST,
        /** Users', below homes that may be many and lie on a server that hangs, with whatever the users put there. */
        USERS
    }

    /**
     * containerd 1 and 2 and Docker's, k3s and RKE2, k0s, MicroK8s; then CRI-O and Podman. By their documents: containerd docs/ops.md,
     * k3s and RKE2 advanced options, k0s runtime, containers-storage.conf(5).
     */
    private static final List<String> WELL_KNOWN = List.of("""
            run/containerd/io.containerd.runtime.v2.task
            run/containerd/io.containerd.runtime.v1.linux
            run/k3s/containerd/io.containerd.runtime.v2.task
            run/k0s/containerd/io.containerd.runtime.v2.task
            var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task
            run/containers/storage/*-containers
            var/lib/containers/storage/*-containers
            """.strip().split("\\s+"));

    private static final int MOST_ENTRIES = 10_000;

    /** Rootless nerdctl's and Podman's. */
    private static final List<String> OF_USERS = List.of(
            "run/user/*/containerd/io.containerd.runtime.v2.task",
            "home/*/.local/share/containers/storage/*-containers");

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
            case "off" -> new BundleDirectories(Whose.NAMED, rootfs, List.of());
            case "auto" -> new BundleDirectories(Whose.HOST, rootfs, WELL_KNOWN);
            default -> new BundleDirectories(Whose.NAMED, Path.of("/"), named(flag));
        };
    }

    /** The host's other well-known places. */
    BundleDirectories of(Whose others) {
        return new BundleDirectories(others, root, others == Whose.USERS ? OF_USERS : WELL_KNOWN);
    }

    private static List<String> named(String flag) {
        try {
            List<Path> directories = Stream.of(flag.split(","))
                    .map(directory -> Path.of(directory.strip()))
                    .distinct()
                    .toList();
            if (!directories.isEmpty() && directories.stream().allMatch(Path::isAbsolute)) {
                return directories.stream()
                        .map(directory -> directory.toString().substring(1))
                        .toList();
            }
        } catch (InvalidPathException e) {
            // said below, as all that is no path
        }
        throw new IllegalArgumentException(
                "--oci.bundles=" + flag + ": expected auto, off, or absolute paths of directories separated by commas");
    }

    boolean isOff() {
        return patterns.isEmpty();
    }

    /** The directories that are there now. One of root's that may not be listed stands for those below it; most users have none. */
    List<Path> present() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : patterns) {
            match(root, whose == Whose.NAMED ? List.of(pattern) : List.of(pattern.split("/")), found);
        }
        return found.stream().distinct().toList();
    }

    private void match(Path entry, List<String> names, List<Path> found) throws IOException {
        Path directory = follow(entry);
        if (names.isEmpty()) {
            found.addAll(Files.isDirectory(directory) ? List.of(directory) : List.of());
            return;
        }
        String name = names.get(0);
        List<String> rest = names.subList(1, names.size());
        if (whose == Whose.NAMED || !name.contains("*")) {
            match(directory.resolve(name), rest, found);
            return;
        }
        try {
            for (Path child : children(directory, name)) {
                match(child, rest, found);
            }
        } catch (IOException e) {
            if (whose == Whose.USERS) {
                return; // whatever it is that a user put there, it hides no other's
            }
            if (!(e instanceof AccessDeniedException)) {
                throw e;
            }
            found.add(directory);
        }
    }

    /** What an entry of the host's means to the host: an absolute link leads below its root, not below ours. */
    private Path follow(Path entry) throws IOException {
        Path at = entry;
        for (int links = 0; links < 40 && Files.isSymbolicLink(at); links++) {
            Path target = Files.readSymbolicLink(at);
            at = target.isAbsolute() ? root.resolve(Path.of("/").relativize(target)) : at.resolveSibling(target);
        }
        return at;
    }

    /**
     * The entries of a directory whose names match a pattern; none if there is no such directory.
     *
     * @throws IOException also if there are more than any node has containers: a user can make millions, which would take our memory
     */
    static List<Path> children(Path directory, String pattern) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("given up");
        }
        List<Path> children = new ArrayList<>();
        try {
            // To open a pipe takes until somebody writes to it.
            if (Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
                    for (Path entry : entries) {
                        if (children.size() == MOST_ENTRIES) {
                            throw new FileSystemException(
                                    directory.toString(), null, "more than " + MOST_ENTRIES + " entries");
                        }
                        children.add(entry);
                    }
                }
            }
            return children.stream().sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
