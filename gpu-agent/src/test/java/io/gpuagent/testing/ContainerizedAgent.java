package io.gpuagent.testing;

import io.gpuagent.nvml.FakeNvml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The packaged agent in a container of a real dockerd, with this machine's Java and C library. The container has no
 * network, so requests are made from inside it.
 */
public final class ContainerizedAgent implements AutoCloseable {

    private final DockerDaemon docker;
    private final String id;

    private ContainerizedAgent(DockerDaemon docker, String id) {
        this.docker = docker;
        this.id = id;
    }

    /** Starts the exporter and waits until it answers. */
    public static ContainerizedAgent serve(DockerDaemon docker, FakeNvml fake, List<String> options, String... flags) {
        ContainerizedAgent agent = start(docker, fake, options, "serve", flags);
        Eventually.within(Duration.ofSeconds(20), "the agent in a container answers", agent::answers);
        return agent;
    }

    /** Runs a command until it exits. The result's {@code out} holds both streams. */
    public static AgentProcess.Result run(
            DockerDaemon docker, FakeNvml fake, List<String> options, String command, String... flags) {
        try (ContainerizedAgent agent = start(docker, fake, options, command, flags)) {
            int status = Integer.parseInt(docker.docker("wait", agent.id));
            return new AgentProcess.Result(status, agent.log(), "");
        }
    }

    private static ContainerizedAgent start(
            DockerDaemon docker, FakeNvml fake, List<String> options, String command, String... flags) {
        Path java = Path.of(System.getProperty("java.home"));
        List<String> run = new ArrayList<>(List.of("run", "-d", "--network=none"));
        javaMachine(java).forEach(path -> run.add("--volume=" + path + ":" + path + ":ro"));
        run.add("--volume=" + AgentProcess.jar() + ":/gpu-agent.jar:ro");
        run.add("--volume=" + fake.library().getParent() + ":/nvml:ro");
        // The jar unpacks its native libraries to /tmp.
        run.add("--tmpfs=/tmp:exec");
        run.addAll(options);
        run.addAll(
                List.of(DockerDaemon.IMAGE, java.resolve("bin/java").toString(), "-Xmx128m", "-jar", "/gpu-agent.jar"));
        run.addAll(List.of(command, "--nvml.library=/nvml/" + fake.library().getFileName()));
        run.addAll(List.of(flags));
        return new ContainerizedAgent(docker, docker.docker(run.toArray(String[]::new)));
    }

    /** The paths on this machine that Java needs and that the image lacks. Debian keeps Java's settings in /etc. */
    private static List<Path> javaMachine(Path java) {
        try (Stream<Path> etc = Files.list(Path.of("/etc"))) {
            Stream<Path> settings =
                    etc.filter(path -> path.getFileName().toString().matches("java-.*-openjdk"));
            Stream<Path> machine = Stream.of(Path.of("/usr"), Path.of("/lib"), Path.of("/lib64"), java);
            return Stream.concat(machine, settings)
                    .filter(Files::exists)
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        if (!docker.docker("inspect", "-f", "{{.State.Running}}", id).equals("true")) {
            throw new AssertionError("the agent exited: " + log());
        }
        try {
            busybox("wget", "-qO-", "http://127.0.0.1:9900/-/healthy");
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    /** Runs a busybox command inside the agent's container and returns its output. */
    public String busybox(String... command) {
        List<String> exec = new ArrayList<>(List.of("exec", id, "/bin/busybox"));
        exec.addAll(List.of(command));
        return docker.docker(exec.toArray(String[]::new));
    }

    /** Waits until the metrics page matches and returns it. */
    public String metrics(Duration limit, String what, Predicate<String> expected) {
        try {
            return Eventually.get(
                    limit, what, () -> busybox("wget", "-qO-", "http://127.0.0.1:9900/metrics"), expected);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + log(), e);
        }
    }

    /** The log of the container so far. */
    public String log() {
        return docker.docker("logs", id);
    }

    @Override
    public void close() {
        docker.docker("rm", "-f", id);
    }
}
