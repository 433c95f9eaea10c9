package io.gpuagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system for containers that is made here: a static busybox as its shell, and to sleep. No registry is asked. */
final class BusyboxImage {

    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private BusyboxImage() {}

    /** Skips the test where there is none to make it from. */
    static void require() {
        Requirement.of("busybox", Files.isExecutable(BUSYBOX), "not installed (Debian: busybox-static)");
    }

    /** Writes it as a tar file into the directory. */
    static Path tar(Path directory) throws IOException {
        Path tree = directory.resolve("bb");
        Path bin = Files.createDirectories(tree.resolve("bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        Files.createSymbolicLink(bin.resolve("sleep"), Path.of("busybox"));
        Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
        Path tar = directory.resolve("bb.tar");
        Shell.run(List.of("tar", "-C", tree.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), "."));
        return tar;
    }
}
