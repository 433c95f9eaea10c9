package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An image that runs {@code sleep} from the machine's static busybox, written without a daemon in the format of {@code
 * docker save}.
 */
final class BusyboxImage {

    private BusyboxImage() {}

    /** Writes an archive of the image with these tags into a new directory. */
    static Path write(Path directory, String... names) {
        try {
            Path bin = Files.createDirectories(directory.resolve("files/bin"));
            Files.copy(Requirement.BUSYBOX.path(), bin.resolve("busybox"));
            for (String applet : List.of("sleep", "sh")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            Command.run("tar", "-C", directory + "/files", "-cf", directory + "/layer.tar", ".");
            Files.writeString(directory.resolve("config.json"), config(directory.resolve("layer.tar")));
            Files.writeString(directory.resolve("manifest.json"), """
                    [{"Config": "config.json", "RepoTags": ["%s"], "Layers": ["layer.tar"]}]
                    """.formatted(String.join("\", \"", names)));
            Path image = directory.resolve("image.tar");
            Command.run(
                    "tar",
                    "-C",
                    directory.toString(),
                    "-cf",
                    image.toString(),
                    "manifest.json",
                    "config.json",
                    "layer.tar");
            return image;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sandbox image must declare a command. */
    private static String config(Path layer) throws IOException {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return """
                {"architecture": "%s", "os": "linux", "config": {"Cmd": ["/bin/sleep", "100000"]},
                 "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
                """.formatted(architecture, sha256(layer));
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
