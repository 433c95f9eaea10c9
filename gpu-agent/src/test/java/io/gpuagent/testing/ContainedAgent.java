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

/** The packaged agent in a container of a real dockerd, on this machine's Java and C library. It has no network: it is asked inside. */
public final class ContainedAgent implements AutoCloseable {

    private final DockerDaemon docker;
    private final String id;

    private ContainedAgent(DockerDaemon docker, String id) {
        this.docker = docker;
        this.id = id;
    }

    /** Starts the exporter, and waits until it answers. */
    public static ContainedAgent serve(DockerDaemon docker, FakeNvml fake, List<String> options, String... flags) {
        ContainedAgent agent = start(docker, fake, options, "serve", flags);
        Eventually.within(Duration.ofSeconds(20), "the agent in a container answers", agent::answers);
        return agent;
    }

    /** Runs a command to its end. What it wrote to both streams is the result's {@code out}. */
    public static AgentProcess.Result run(
            DockerDaemon docker, FakeNvml fake, List<String> options, String command, String... flags) {
        try (ContainedAgent agent = start(docker, fake, options, command, flags)) {
            int status = Integer.parseInt(docker.docker("wait", agent.id));
            return new AgentProcess.Result(status, agent.log(), "");
        }
    }

    private static ContainedAgent start(
            DockerDaemon docker, FakeNvml fake, List<String> options, String command, String... flags) {
        Path java = Path.of(System.getProperty("java.home"));
        List<String> run = new ArrayList<>(List.of("run", "-d", "--network=none"));
        javaMachine(java).forEach(path -> run.add("--volume=" + path + ":" + path + ":ro"));
        run.add("--volume=" + AgentProcess.jar() + ":/gpu-agent.jar:ro");
        run.add("--volume=" + fake.library().getParent() + ":/nvml:ro");
        // The bare jar unpacks its natives to there.
        run.add("--tmpfs=/tmp:exec");
        run.addAll(options);
        run.addAll(
                List.of(DockerDaemon.IMAGE, java.resolve("bin/java").toString(), "-Xmx128m", "-jar", "/gpu-agent.jar"));
        run.addAll(List.of(command, "--nvml.library=/nvml/" + fake.library().getFileName()));
        run.addAll(List.of(flags));
        return new ContainedAgent(docker, docker.docker(run.toArray(String[]::new)));
    }

    /** What the image lacks to run a Java machine of this one. Debian's keeps its settings in /etc. */
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
            throw new AssertionError("the agent ended: " + log());
        }
        try {
            busybox("wget", "-qO-", "http://127.0.0.1:9900/-/healthy");
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    /** Runs a command of busybox's where the agent is, and returns what it wrote. */
    public String busybox(String... command) {
        List<String> exec = new ArrayList<>(List.of("exec", id, "/bin/busybox"));
        exec.addAll(List.of(command));
        return docker.docker(exec.toArray(String[]::new));
    }

    /** The metrics page once it is as expected. */
    public String metrics(Duration limit, String what, Predicate<String> expected) {
        try {
            return Eventually.gives(
                    limit, what, () -> busybox("wget", "-qO-", "http://127.0.0.1:9900/metrics"), expected);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + log(), e);
        }
    }

    /** What it wrote so far. */
    public String log() {
        return docker.docker("logs", id);
    }

    @Override
    public void close() {
        docker.docker("rm", "-f", id);
    }
}
