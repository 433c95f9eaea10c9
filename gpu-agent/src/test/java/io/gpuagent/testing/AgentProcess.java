package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The packaged agent, run as an operator runs it. */
public final class AgentProcess implements AutoCloseable {

    private static final Path JAR = Path.of("target", "gpu-agent.jar");
    private static final Path LAUNCHER = Path.of("target", "gpu-agent");
    private static final List<String> BARE = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-jar",
            JAR.toAbsolutePath().toString());
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Process process;
    private final Path out;
    private final Path err;
    private final int port;

    private AgentProcess(Process process, Path out, Path err, int port) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.port = port;
    }

    /** Starts the exporter on a free port and waits until it responds. */
    public static AgentProcess launch(Map<String, String> environment, String... flags) {
        return serve(List.of(LAUNCHER.toAbsolutePath().toString()), environment, flags);
    }

    /** Starts the exporter on a free port and waits until it answers. */
    public static AgentProcess serve(Map<String, String> environment, String... flags) {
        return serve(BARE, environment, flags);
    }

    /** Runs a command that starts an exporter listening on the given port, and waits until it responds. */
    public static AgentProcess of(List<String> command, int port) {
        return answering(start(command, Map.of(), List.of(), port));
    }

    private static AgentProcess serve(List<String> command, Map<String, String> environment, String... flags) {
        return answering(start(command, environment, flags));
    }

    private static AgentProcess answering(AgentProcess agent) {
        Eventually.within(
                Duration.ofSeconds(20),
                "the agent answers; its stderr: " + agent.err(),
                () -> agent.answers("/-/healthy"));
        return agent;
    }

    /** Starts an exporter that requires credentials and waits until it listens. */
    public static AgentProcess serveProtected(String... flags) {
        AgentProcess agent = start(BARE, Map.of(), flags);
        Eventually.within(
                Duration.ofSeconds(20), "the agent listens", () -> agent.err().contains("listening on"));
        return agent;
    }

    private static AgentProcess start(List<String> command, Map<String, String> environment, String... flags) {
        int port = freePort();
        List<String> arguments = new ArrayList<>(List.of("serve", "--web.listen-address=127.0.0.1:" + port));
        arguments.addAll(List.of(flags));
        return start(command, environment, arguments, port);
    }

    /** Runs a command until it exits. */
    public static Result run(Map<String, String> environment, String... arguments) {
        return run(List.of(), environment, arguments);
    }

    /** Runs a command until it exits, wrapped in another program, for instance one that drops root privileges. */
    public static Result run(List<String> under, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(under);
        command.addAll(BARE);
        AgentProcess agent = start(command, environment, List.of(arguments), 0);
        try (agent) {
            if (!agent.process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("did not exit within 60 s: " + agent.err());
            }
            return new Result(agent.process.exitValue(), agent.read(agent.out), agent.err());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The exit status and the output of a command. */
    public record Result(int status, String out, String err) {}

    /** The packaged jar. */
    static Path jar() {
        Requirement.of("gpu-agent.jar", Files.exists(JAR), "mvn package");
        return JAR.toAbsolutePath();
    }

    private static AgentProcess start(
            List<String> java, Map<String, String> environment, List<String> arguments, int port) {
        jar();
        try {
            Path out = Files.createTempFile("agent", ".out");
            Path err = Files.createTempFile("agent", ".err");
            List<String> command = new ArrayList<>(java);
            command.addAll(arguments);
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("GPU_AGENT_") || name.startsWith("DOCKER_"));
            builder.environment().putAll(environment);
            return new AgentProcess(builder.start(), out, err, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    private boolean answers(String path) {
        if (!process.isAlive()) {
            throw new AssertionError("the agent exited with " + process.exitValue() + ": " + err());
        }
        try {
            return get(path).statusCode() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    public HttpResponse<String> get(String path) {
        return get(path, "*/*", HttpResponse.BodyHandlers.ofString());
    }

    /** @param accept the value of the Accept header */
    public <T> HttpResponse<T> get(String path, String accept, HttpResponse.BodyHandler<T> handler) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(5))
                    .header("Accept", accept)
                    .build();
            return HTTP.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public String metrics() {
        return get("/metrics").body();
    }

    /** Waits until the metrics page matches and returns it. */
    public String metrics(Duration limit, String what, Predicate<String> expected) {
        try {
            return Eventually.get(limit, what, this::metrics, expected);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + err(), e);
        }
    }

    /**
     * Makes a change, waits until the metrics page matches, and returns it. The sample that is in progress during the
     * change does not count, so the limit is three samples. It is counted in samples because a busy machine is sampled
     * less often.
     */
    public String metricsWithinTwoSamples(String what, Runnable change, Predicate<String> expected) {
        change.run();
        double before = samples(metrics());
        long start = System.nanoTime();
        String page = metrics(Duration.ofSeconds(20), what, expected);
        double taken = samples(page) - before;
        System.out.println(
                what + ": after " + (System.nanoTime() - start) / 1_000_000 + " ms and " + taken + " samples");
        if (taken > 3) {
            throw new AssertionError(what + ": only after " + taken + " samples\n" + page);
        }
        return page;
    }

    private static double samples(String page) {
        return value(page, "gpu_agent_sample_duration_seconds_count");
    }

    /** The value of the first series of a metrics page with this name and all of these labels; NaN if there is none. */
    public static double value(String page, String family, String... labels) {
        return page.lines()
                .filter(line -> line.startsWith(family + "{") || line.startsWith(family + " "))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    public String err() {
        return read(err);
    }

    private String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGTERM to the agent and returns its exit status. */
    public int terminate(Duration limit) {
        process.destroy();
        return status(limit);
    }

    /** Sends SIGINT to the agent, as Ctrl-C does, and returns its exit status. */
    public int interrupt(Duration limit) {
        Command.run("sh", "-c", "kill -INT " + process.pid());
        return status(limit);
    }

    private int status(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("did not exit within " + limit);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    /** Waits until the agent exits by itself and returns its exit status. */
    public int awaitEnd(Duration limit) {
        Eventually.within(limit, "the agent exits", () -> !process.isAlive());
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
