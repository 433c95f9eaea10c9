package io.gpuagent.agent.containers;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories in which container runtimes keep the OCI bundles of their containers.
 *
 * @param origin where the patterns come from
 * @param root the host's root directory
 * @param patterns directories relative to the root, whose path elements may be glob patterns; empty if bundles are not read
 */
record BundleDirectories(Origin origin, Path root, List<String> patterns) {

    /** The origin of the directories. */
    enum Origin {
        /** The directories are listed in the flag. */
        CONFIGURED,
        /** The default directories of runtimes that run as root. */
        HOST,
        /** Directories of users. There may be many, they may be on a file server that hangs, and their content is untrusted. */
        USERS
    }

    /**
     * Directories of containerd 1 and 2 and Docker, k3s and RKE2, k0s, MicroK8s; then CRI-O and Podman. Sources: containerd docs/ops.md,
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

    /** Directories of rootless nerdctl and Podman. */
    private static final List<String> OF_USERS = List.of(
            "run/user/*/containerd/io.containerd.runtime.v2.task",
            "home/*/.local/share/containers/storage/*-containers");

    BundleDirectories {
        patterns = List.copyOf(patterns);
    }

    /**
     * Parses the flag {@code --oci.bundles}: {@code off}, {@code auto}, or directories separated by commas.
     *
     * @throws IllegalArgumentException if the value is invalid; the message names the flag and its value
     */
    static BundleDirectories of(String flag, Path rootfs) {
        return switch (flag) {
            case "off" -> new BundleDirectories(Origin.CONFIGURED, rootfs, List.of());
            case "auto" -> new BundleDirectories(Origin.HOST, rootfs, WELL_KNOWN);
            default -> new BundleDirectories(Origin.CONFIGURED, Path.of("/"), named(flag));
        };
    }

    /** The default directories of another origin, below the same root. */
    BundleDirectories of(Origin others) {
        return new BundleDirectories(others, root, others == Origin.USERS ? OF_USERS : WELL_KNOWN);
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
            // reported below, together with relative paths
        }
        throw new IllegalArgumentException(
                "--oci.bundles=" + flag + ": expected auto, off, or absolute directories separated by commas");
    }

    boolean isOff() {
        return patterns.isEmpty();
    }

    /** The directories that exist now. A host directory that this process may not list is returned in place of those below it. */
    List<Path> present() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : patterns) {
            match(root, origin == Origin.CONFIGURED ? List.of(pattern) : List.of(pattern.split("/")), found);
        }
        return found.stream().distinct().toList();
    }

    /**
     * The directories of one user that exist now. Links below the user's directories are not followed: they could lead to
     * the files of root or of another user.
     *
     * @param uid the user's number
     */
    List<Path> of(String uid) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : patterns) {
            String rest = pattern.substring(pattern.indexOf('*') + 2);
            Path own = pattern.startsWith("run/") ? root.resolve("run/user").resolve(uid) : home(uid);
            String parent = rest.substring(0, rest.lastIndexOf('/'));
            if (own != null
                    && Files.exists(own.resolve(parent))
                    && own.resolve(parent).toRealPath().equals(own.toRealPath().resolve(parent))) {
                children(own.resolve(parent), rest.substring(rest.lastIndexOf('/') + 1)).stream()
                        .filter(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** The home directory in the host's passwd file; otherwise, for users of a directory service, the one that the user owns. */
    private @Nullable Path home(String uid) throws IOException {
        for (String line :
                ContainerFiles.text(root.resolve("etc/passwd")).orElse("").split("\n")) {
            String[] fields = line.split(":");
            if (fields.length > 5 && fields[2].equals(uid) && fields[5].startsWith("/")) {
                return root.resolve(fields[5].substring(1));
            }
        }
        for (Path home : children(root.resolve("home"), "*")) {
            if (Files.getAttribute(home, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                    .toString()
                    .equals(uid)) {
                return home;
            }
        }
        return null;
    }

    private void match(Path entry, List<String> names, List<Path> found) throws IOException {
        Path directory = follow(entry);
        if (names.isEmpty()) {
            found.addAll(Files.isDirectory(directory) ? List.of(directory) : List.of());
            return;
        }
        String name = names.get(0);
        List<String> rest = names.subList(1, names.size());
        if (origin == Origin.CONFIGURED || !name.contains("*")) {
            match(directory.resolve(name), rest, found);
            return;
        }
        try {
            for (Path child : children(directory, name)) {
                match(child, rest, found);
            }
        } catch (IOException e) {
            if (origin == Origin.USERS) {
                return; // an unreadable directory of one user must not hide those of others
            }
            if (!(e instanceof AccessDeniedException)) {
                throw e;
            }
            found.add(directory);
        }
    }

    /** Resolves links as the host does: an absolute link is relative to the host's root, not to the root of this process. */
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
     * @throws IOException also if there are more entries than any node has containers; a user could create millions and exhaust the heap
     */
    static List<Path> children(Path directory, String pattern) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("abandoned");
        }
        List<Path> children = new ArrayList<>();
        try {
            // Opening a named pipe would block until it has a writer.
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
