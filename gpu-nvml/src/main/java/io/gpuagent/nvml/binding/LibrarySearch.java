package io.gpuagent.nvml.binding;

import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where to search for {@code libnvidia-ml.so.1}. If a path is given, only this path is used. Otherwise, the dynamic
 * loader searches first. If it finds nothing, the directories that distributions and driver containers use are
 * searched, below the host's root and below this process's own root.
 *
 * @param override the library's file; null to search
 * @param hostRoot where the host's root is mounted; {@code /} on the host itself
 */
public record LibrarySearch(@Nullable Path override, Path hostRoot) {

    private static final String NAME = "libnvidia-ml.so.1";

    /**
     * The library's usual directories. {@code nvidia/current} is Debian's; the others are from NVIDIA/go-nvlib and the
     * documentation of GKE, Talos, Bottlerocket, NixOS and WSL.
     */
    private static final List<String> DIRECTORIES = List.of("""
            usr/lib/x86_64-linux-gnu usr/lib/aarch64-linux-gnu usr/lib/x86_64-linux-gnu/nvidia/current
            usr/lib/aarch64-linux-gnu/nvidia/current usr/lib64 usr/lib usr/local/nvidia/lib64
            usr/local/nvidia/lib home/kubernetes/bin/nvidia/lib64 usr/local/glibc/usr/lib
            usr/local/glibc/lib usr/lib/nvidia usr/lib/nvidia/tesla run/opengl-driver/lib usr/lib/wsl/lib
            usr/local/cuda/lib64
            """.split("\\s+"));

    /** The roots to search, relative to a root: the root itself, and that of the GPU Operator's driver container. */
    private static final List<String> ROOTS = List.of("", "run/nvidia/driver");

    boolean usesLoader() {
        return override == null;
    }

    /** Returns the library files that exist. Symbolic links are resolved within the root that contains them. */
    List<Path> candidates() {
        if (override != null) {
            return Stream.of(override.toAbsolutePath())
                    .filter(Files::isRegularFile)
                    .toList();
        }
        return Stream.of(hostRoot, Path.of("/"))
                .distinct()
                .flatMap(root -> ROOTS.stream().map(root::resolve))
                .flatMap(root -> DIRECTORIES.stream().map(directory -> resolve(root, Path.of(directory, NAME))))
                .flatMap(Optional::stream)
                // The CUDA toolkit's stub libraries have the same name, but every call to them fails.
                .filter(file -> Files.isRegularFile(file) && !file.toString().contains("/stubs/"))
                .distinct()
                .toList();
    }

    /** The state of all locations searched. While it is unchanged, another attempt would fail the same way. */
    Object state() {
        String loaderPath = Objects.requireNonNullElse(System.getenv("LD_LIBRARY_PATH"), "");
        Stream<Path> loader = Stream.of(loaderPath.split(":")).map(directory -> Path.of(directory, NAME));
        return Stream.of(candidates().stream(), loader, Stream.of(Path.of("/etc/ld.so.cache")))
                .flatMap(files -> files)
                .map(FileStamp::of)
                .toList();
    }

    /** Returns a one-line error message for the operator. */
    String notFound(List<String> errors) {
        if (!errors.isEmpty()) {
            return "cannot load " + errors.get(0);
        }
        if (override != null) {
            return override
                    + (Files.notExists(override)
                            ? " does not exist"
                            : " cannot be accessed: check the permissions of its directory");
        }
        String roots = hostRoot.equals(Path.of("/")) ? "/" : hostRoot + " and /";
        return NAME + " was not found by the dynamic loader nor in the usual directories below " + roots
                + "; set --nvml.library to its path";
    }

    /**
     * Resolves a path below a root, following symbolic links. The target of an absolute link is resolved below the same
     * root, as needed for {@code /etc/alternatives} on Debian and {@code /nix/store} on NixOS.
     */
    static Optional<Path> resolve(Path root, Path relative) {
        Deque<Path> names = new ArrayDeque<>();
        relative.forEach(names::add);
        try {
            return Optional.of(follow(root, names));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Path follow(Path root, Deque<Path> names) throws IOException {
        Path at = root;
        int linksLeft = 40;
        while (!names.isEmpty()) {
            String name = names.pop().toString();
            Path next = name.equals(".") ? at : at.resolve(name);
            if (name.equals("..")) {
                at = at.equals(root) ? root : Objects.requireNonNull(at.getParent());
            } else if (!Files.isSymbolicLink(next)) {
                at = next;
            } else if (linksLeft-- == 0) {
                throw new IOException("too many symbolic links");
            } else {
                Path target = Files.readSymbolicLink(next);
                at = target.isAbsolute() ? root : at;
                for (int i = target.getNameCount() - 1; i >= 0; i--) {
                    names.push(target.getName(i));
                }
            }
        }
        return at;
    }
}
