package io.gpuagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The projects in {@code src/test/outside}, built by a separate Maven process. Its local repository contains only what this build installed
 * there of the modules' group, so that no other build can influence the result. Other groups are links to the user's local repository.
 */
public final class OutsideProjects implements AutoCloseable {

    private static final Path SOURCES = Path.of("src", "test", "outside");
    private static final Path ROOT = Path.of("target", "outside").toAbsolutePath();
    private static final Path REPOSITORY = ROOT.resolve("repository");
    private static final Path GROUP = Path.of("io", "gpuagent");
    /**
     * Top-level directories of the Maven repository that only these projects need. Missing ones are created in the user's repository, so that
     * later builds reuse the downloads.
     */
    private static final List<String> ONLY_THE_PROJECTS_NEED = List.of("ch", "jakarta");

    private static final String VERSION = System.getProperty("project.version");
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private OutsideProjects() {}

    /** Installs the modules and builds the projects. */
    public static OutsideProjects build() throws IOException, InterruptedException {
        delete(ROOT);
        Files.createDirectories(REPOSITORY);
        shareUserRepository();
        install("gpu-parent", Path.of("..", "pom.xml"), null);
        for (String module : List.of("gpu-core", "gpu-nvml", "gpu-agent")) {
            Path directory = Path.of("..", module);
            install(
                    module,
                    directory.resolve("pom.xml"),
                    directory.resolve("target/" + module + "-" + VERSION + ".jar"));
        }
        copy(SOURCES, ROOT);
        OutsideProjects projects = new OutsideProjects();
        projects.run();
        return projects;
    }

    /** The jars on the class path of a project, sorted by file name. */
    public List<Path> jars(String project) throws IOException {
        try (Stream<Path> jars = Files.list(ROOT.resolve(project).resolve("target/lib"))) {
            return jars.sorted().toList();
        }
    }

    /** The command that runs a class of a project. */
    public List<String> java(String project, String main, String... arguments) {
        Path target = ROOT.resolve(project).resolve("target");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                target.resolve("classes") + ":" + target.resolve("lib") + "/*",
                main));
        command.addAll(List.of(arguments));
        return command;
    }

    private void run() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                maven(),
                "-B",
                "-ntp",
                "-f",
                ROOT.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + REPOSITORY,
                "compile",
                "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=target/lib"));
        boolean offline = System.getProperty("maven.session", "").contains("offline=true");
        if (offline) {
            command.add("-o");
        }
        Path log = ROOT.resolve("log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("Maven did not end within " + LIMIT + ":\n" + Files.readString(log));
        }
        String output = Files.readString(log);
        Requirement.of(
                "network", !offline || !output.contains("offline mode"), "an artifact is missing and Maven is offline");
        if (process.exitValue() != 0) {
            throw new AssertionError(output);
        }
    }

    /** The Maven of this build, or the one on the PATH if the test is not run by Maven. */
    private static String maven() {
        String home = System.getProperty("maven.home");
        Requirement.of("mvn", home != null || Command.isOnPath("mvn"), "install Maven");
        return home == null ? "mvn" : Path.of(home, "bin", "mvn").toString();
    }

    private static void install(String artifact, Path pom, Path jar) throws IOException {
        Path directory = REPOSITORY.resolve(GROUP).resolve(artifact).resolve(VERSION);
        Files.createDirectories(directory);
        Files.copy(pom, directory.resolve(artifact + "-" + VERSION + ".pom"));
        if (jar != null) {
            Requirement.of(jar.getFileName().toString(), Files.exists(jar), "the modules have not been packaged");
            Files.copy(jar, directory.resolve(jar.getFileName()));
        }
    }

    /** Links to all directories of the user's local repository, except to the one of the modules' group. */
    private static void shareUserRepository() throws IOException {
        Path shared = Path.of(System.getProperty("localRepository"));
        for (String folder : ONLY_THE_PROJECTS_NEED) {
            Files.createDirectories(shared.resolve(folder));
        }
        Path domain = GROUP.getName(0);
        linkAllBut(domain, shared, REPOSITORY);
        linkAllBut(GROUP.getName(1), shared.resolve(domain), Files.createDirectories(REPOSITORY.resolve(domain)));
    }

    private static void linkAllBut(Path excepted, Path from, Path to) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().equals(excepted) && Files.isDirectory(entry)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /** Removes the repository, so that no later clean-up follows its links. */
    @Override
    public void close() throws IOException {
        delete(REPOSITORY);
    }

    /** Does not follow links. */
    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
