package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The launcher script next to the runnable jar, and the flags that it passes to Java. */
@Timeout(60)
class LauncherIT {

    private static final Path JAR = Path.of(System.getProperty("runnable.jar"));
    private static final Path LAUNCHER = JAR.resolveSibling("gpu-agent");

    @TempDir
    private Path directory;

    private record Ended(int status, String output) {}

    @Test
    void theLauncherRunsThroughSymbolicLinks() throws IOException, InterruptedException {
        Path first = Files.createSymbolicLink(directory.resolve("first"), LAUNCHER);
        Path bin = Files.createDirectories(directory.resolve("a b"));
        Path link = Files.createSymbolicLink(bin.resolve("gpu-agent"), bin.relativize(first));
        Ended ended = run(Map.of("JAVA_HOME", System.getProperty("java.home")), link.toString(), "--version");
        assertEquals(0, ended.status(), ended.output());
        assertTrue(ended.output().startsWith("gpu-agent "), ended.output());
        Files.delete(first);
    }

    @Test
    void theLauncherFindsJavaOnThePath() throws IOException, InterruptedException {
        String path = Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin";
        Ended ended = run(Map.of("PATH", path, "JAVA_HOME", ""), LAUNCHER.toString(), "--version");
        assertEquals(0, ended.status(), ended.output());
    }

    @Test
    void aReportGetsALargerHeap() throws IOException, InterruptedException {
        Path java = Files.createDirectories(directory.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Map<String, String> home = Map.of("JAVA_HOME", directory.toString());
        String flags = "@" + LAUNCHER.resolveSibling("gpu-agent.jvm");
        assertEquals(
                flags + " -Xmx512m -jar " + JAR + " report --last=7d",
                run(home, LAUNCHER.toString(), "report", "--last=7d").output().strip());
        assertEquals(
                flags + " -jar " + JAR + " ps",
                run(home, LAUNCHER.toString(), "ps").output().strip());
    }

    @Test
    void aMissingJavaIsReported() throws IOException, InterruptedException {
        Ended ended = run(Map.of("JAVA_HOME", "/no/such"), LAUNCHER.toString());
        assertEquals(2, ended.status());
        assertTrue(ended.output().startsWith("gpu-agent: no Java found"), ended.output());
    }

    @Test
    void argumentsAndTheExitStatusArePassedOn() throws IOException, InterruptedException {
        Ended ended = run(
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                LAUNCHER.toString(),
                "--node-name=a b",
                "--no such");
        assertEquals(2, ended.status());
        assertTrue(ended.output().contains("'--no such'"), ended.output());
    }

    @Test
    void theLauncherUnsetsTheVariableThatBreaksTheBindings() throws IOException, InterruptedException {
        Path home = directory.resolve("jdk");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \"${LD_BIND_NOW-unset} $*\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Ended ended = run(Map.of("JAVA_HOME", home.toString(), "LD_BIND_NOW", "1"), LAUNCHER.toString(), "ps", "*");
        Path here = LAUNCHER.toRealPath().getParent();
        assertEquals("unset @" + here + "/gpu-agent.jvm -jar " + here + "/gpu-agent.jar ps *\n", ended.output());
    }

    @ParameterizedTest
    @MethodSource("homes")
    void everyInstalledJavaAcceptsTheFlags(Path home) throws IOException, InterruptedException {
        Ended ended = run(
                Map.of(),
                home.resolve("bin/java").toString(),
                "@" + JAR.resolveSibling("gpu-agent.jvm"),
                "-XX:+PrintFlagsFinal",
                "-XshowSettings:properties",
                "-jar",
                JAR.toString(),
                "--version");
        assertEquals(0, ended.status(), ended.output());
        assertFlag("MaxHeapSize", "67108864", ended);
        assertFlag("UseSerialGC", "true", ended);
        assertFlag("MaxFDLimit", "false", ended);
        assertFlag("ExitOnOutOfMemoryError", "true", ended);
        assertTrue(ended.output().contains("gpuagent.launcher = true"), ended.output());
        assertTrue(ended.output().lines().noneMatch(line -> line.contains("warning")), ended.output());
    }

    /** The Java installation that runs this test, and those in the usual directory of Linux distributions. */
    static Stream<Path> homes() throws IOException {
        Path installed = Path.of("/usr/lib/jvm");
        Set<Path> homes =
                new TreeSet<>(Set.of(Path.of(System.getProperty("java.home")).toRealPath()));
        if (Files.isDirectory(installed)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(installed)) {
                for (Path entry : entries) {
                    if (isRecent(entry)) {
                        homes.add(entry.toRealPath());
                    }
                }
            }
        }
        return homes.stream();
    }

    private static boolean isRecent(Path home) throws IOException {
        Path release = home.resolve("release");
        return Files.isExecutable(home.resolve("bin/java"))
                && Files.isReadable(release)
                && Files.readString(release).matches("(?s).*JAVA_VERSION=\"(1[7-9]|[2-9]\\d).*");
    }

    private static void assertFlag(String name, String value, Ended ended) {
        assertTrue(
                ended.output().lines().anyMatch(line -> line.matches(".* " + name + " += " + value + " .*")),
                name + " is not " + value);
    }

    private static Ended run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
