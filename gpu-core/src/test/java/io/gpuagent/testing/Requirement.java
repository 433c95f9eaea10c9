package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * What tests require from the machine: programs on the PATH, each with the Debian package that contains it, and
 * permissions. A test whose requirements are not met is skipped. In CI, which installs everything, it fails instead.
 * The message of a skip is a row of {@link SkippedTests}.
 */
public enum Requirement {
    BUSYBOX("busybox", "busybox-static"),
    CC("cc", "gcc libc6-dev") {
        /** Also requires the C library's headers, without which the compiler is useless. */
        @Override
        public boolean isMet() {
            return super.isMet() && preprocesses("#include <stdio.h>\n");
        }
    },
    CHROMIUM("chromium", "chromium"),
    CONMON("conmon", "conmon"),
    CONTAINERD("containerd", "containerd"),
    CONTAINERD_SHIM("containerd-shim-runc-v2", "containerd"),
    CTR("ctr", "containerd"),
    CURL("curl", "curl"),
    DOCKER("docker", "docker.io"),
    DOCKERD("dockerd", "docker.io"),
    LINTIAN("lintian", "lintian"),
    MAN("man", "man-db"),
    OPENSSL("openssl", "openssl"),
    PODMAN("podman", "podman"),
    PROMETHEUS("prometheus", "prometheus"),
    PROMTOOL("promtool", "prometheus"),
    RUNC("runc", "runc"),
    SETPRIV("setpriv", "util-linux"),
    SYSTEMD_ANALYZE("systemd-analyze", "systemd"),
    ROOT("root", "") {
        @Override
        public boolean isMet() {
            return Files.isWritable(Path.of("/proc/sys/kernel/hostname"));
        }

        @Override
        String remedy() {
            return "run the tests as root";
        }
    };

    static final String DEBIAN = "Debian: ";
    static final String AND = "; ";

    private final String program;
    private final String packages;

    Requirement(String program, String packages) {
        this.program = program;
        this.packages = packages;
    }

    public boolean isMet() {
        return found().isPresent();
    }

    /** The path of the program. Skips the test if the machine does not have it. */
    public Path path() {
        require(List.of(this));
        return found().orElseThrow();
    }

    private Optional<Path> found() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The Debian packages that contain the program, separated by spaces. */
    String packages() {
        return packages;
    }

    String remedy() {
        return DEBIAN + packages;
    }

    /**
     * Skips the test unless the machine meets all requirements. Call it once with all of them, so that the reason of a
     * skip is complete.
     */
    public static void require(Collection<Requirement> needs) {
        String lacking = needs.stream()
                .filter(need -> !need.isMet())
                .map(need -> row(need.program, need.remedy()))
                .sorted()
                .collect(Collectors.joining(AND));
        if (!lacking.isEmpty()) {
            lacks(lacking);
        }
    }

    public static void require(Requirement... needs) {
        require(List.of(needs));
    }

    /** Skips the test unless the machine has something that only this test requires. */
    public static void of(String name, boolean present, String remedy) {
        if (!present) {
            lacks(row(name, remedy));
        }
    }

    /**
     * Skips the test, also in CI, unless the machine has something that Debian does not package or packages in an older
     * version, or that only some machines have.
     */
    public static void unlessOlder(String name, boolean present, String remedy) {
        if (!present) {
            throw new TestAbortedException(row(name, remedy));
        }
    }

    private static String row(String name, String remedy) {
        return name + ": " + remedy;
    }

    private static void lacks(String lacking) {
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError("skipped in CI: " + lacking);
        }
        throw new TestAbortedException(lacking);
    }

    private static boolean preprocesses(String source) {
        try {
            Process process = new ProcessBuilder("cc", "-E", "-x", "c", "-")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().write(source.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            return process.waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
