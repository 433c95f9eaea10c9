package io.gpuagent.nvml.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {

    /** Known locations of the library on hosts and in containers, relative to the root. */
    private static final List<String> KNOWN_LOCATIONS = List.of(
            "usr/lib/x86_64-linux-gnu", // Debian, Ubuntu
            "usr/lib/aarch64-linux-gnu",
            "usr/lib64", // RHEL, SUSE
            "usr/lib", // Arch
            "run/nvidia/driver/usr/lib/x86_64-linux-gnu", // GPU Operator, Ubuntu
            "run/nvidia/driver/usr/lib64", // GPU Operator, RHEL
            "home/kubernetes/bin/nvidia/lib64", // GKE
            "usr/local/nvidia/lib64", // GKE, inside a container
            "usr/local/glibc/lib", // Talos
            "usr/local/glibc/usr/lib",
            "usr/lib/nvidia", // Bottlerocket
            "run/opengl-driver/lib", // NixOS
            "usr/lib/wsl/lib"); // WSL

    @TempDir
    private Path root;

    private Path file(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    private List<Path> candidates() {
        return new LibrarySearch(null, root)
                .candidates().stream().filter(path -> path.startsWith(root)).toList();
    }

    @Test
    void everyKnownLocationIsSearchedBelowTheHostsRoot() throws IOException {
        for (String place : KNOWN_LOCATIONS) {
            Path file = file(place + "/libnvidia-ml.so.1");
            assertEquals(List.of(file), candidates());
            Files.delete(file);
        }
    }

    @Test
    void theStubLibrariesOfTheToolkitAreNeverUsed() throws IOException {
        Path stub = file("usr/local/cuda/lib64/stubs/libnvidia-ml.so.1");
        Files.createDirectories(root.resolve("usr/lib64"));
        Files.createSymbolicLink(root.resolve("usr/lib64/libnvidia-ml.so.1"), stub);
        assertEquals(List.of(), candidates());
    }

    @Test
    void aGivenFileIsTheOnlyCandidate() throws IOException {
        file("usr/lib64/libnvidia-ml.so.1");
        Path given = file("mine.so");
        LibrarySearch search = new LibrarySearch(given, root);
        assertEquals(List.of(given), search.candidates());
        assertFalse(search.usesLoader());
        assertTrue(new LibrarySearch(null, root).usesLoader());
    }

    @Test
    void anAbsoluteLinkOfTheHostIsResolvedBelowItsRoot() throws IOException {
        Path real = file("nix/store/x/libnvidia-ml.so.580");
        Files.createDirectories(root.resolve("run"));
        Files.createDirectories(root.resolve("nix/store/drivers/lib"));
        Files.createSymbolicLink(root.resolve("run/opengl-driver"), Path.of("/nix/store/drivers"));
        Files.createSymbolicLink(
                root.resolve("nix/store/drivers/lib/libnvidia-ml.so.1"), Path.of("../../x/libnvidia-ml.so.580"));
        assertEquals(List.of(real), candidates());
    }

    @Test
    void noLinkLeadsOutOfTheRoot() throws IOException {
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../../../outside"));
        assertEquals(Optional.of(root.resolve("outside")), LibrarySearch.resolve(root, Path.of("up")));
    }

    @Test
    void circularLinksEnd() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("/a"));
        assertEquals(Optional.empty(), LibrarySearch.resolve(root, Path.of("a")));
    }

    @Test
    void theMappedLibraryIsFoundInProcMaps() {
        List<String> maps = List.of(
                "7f00-7f01 r-xp 00000000 08:01 17                 /usr/lib/libc.so.6",
                "7f02-7f03 rw-p 00000000 00:00 0 ",
                "7f04-7f05 r--p 00000000 08:01 18                 /opt/my driver/libnvidia-ml.so.580.95.05",
                "7f06-7f07 r-xp 00000000 08:01 18                 /opt/my driver/libnvidia-ml.so.580.95.05");
        assertEquals(Optional.of(Path.of("/opt/my driver/libnvidia-ml.so.580.95.05")), MappedFile.inMaps(maps));
        assertEquals(Optional.empty(), MappedFile.inMaps(List.of()));
    }
}
