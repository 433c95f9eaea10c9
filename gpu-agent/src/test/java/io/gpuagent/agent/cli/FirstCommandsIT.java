package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Command;
import io.gpuagent.testing.Golden;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's two commands do what the README says, and print what it shows. */
@Timeout(60)
class FirstCommandsIT {

    private static final String README = "README.md";
    private static final String ADDRESS = "127.0.0.1:9900";
    private static final int MOST_LINES = 20;
    private static final int MOST_COLUMNS = 100;

    private static final List<List<String>> SERIES = List.of(
            List.of("gpu_memory_used_bytes", "gpu=\"0\""),
            List.of("gpu_memory_unattributed_bytes", "gpu=\"0\""),
            List.of("gpu_power_watts", "gpu=\"0\""),
            List.of("gpu_workload_memory_bytes", "workload=\"speech/asr-train-0/trainer\""),
            List.of("gpu_workload_memory_bytes", "workload=\"notebook\""),
            List.of("gpu_workload_sm_utilization_ratio", "workload=\"notebook\""),
            List.of("gpu_workload_energy_joules_total", "workload=\"481516\""),
            List.of("gpu_workload_memory_bytes", "workload=\"ollama.service\""));

    @Test
    void firstCommandEndsWithTheTableThatTheReadmeShows() throws IOException {
        String[] command = commands().get(0).split(" && ");
        assertEquals("mvn -B -ntp -DskipTests package", command[0]);
        Command.Result result = Command.of(List.of("sh", "-c", "cd .. && " + command[1]));
        assertEquals(0, result.status(), result.output());
        List<String> lines = result.output().lines().toList();
        assertTrue(lines.size() <= MOST_LINES, result.output());
        assertTrue(lines.stream().allMatch(line -> line.length() <= MOST_COLUMNS), result.output());
        Golden.checkDocumentExceptFigures(README, "ps", "```\n" + result.output() + "\n```\n");
    }

    @Test
    void secondCommandServesTheMetricsThatTheReadmeShowsOnLoopbackUntilCtrlC() throws IOException {
        String command = commands().get(1);
        assertTrue(command.endsWith("=" + ADDRESS), command);
        int port = AgentProcess.freePort();
        String free = command.replace(ADDRESS, "127.0.0.1:" + port);
        // A shell starts background processes with SIGINT ignored, and their child processes inherit that.
        List<String> foreground = List.of("env", "--default-signal=INT", "sh", "-c", "cd .. && exec " + free);
        try (AgentProcess agent = AgentProcess.of(foreground, port)) {
            String page = agent.metrics(
                    Duration.ofSeconds(20),
                    "joules of the job",
                    text -> AgentProcess.value(text, "gpu_workload_energy_joules_total", "workload=\"481516\"") > 50);
            String shown = SERIES.stream().map(parts -> series(page, parts)).collect(Collectors.joining());
            Golden.checkDocumentExceptFigures(README, "series", "```\n" + shown + "```\n");
            assertFalse(agent.err().contains("level=warn"), agent.err());
            assertEquals(
                    "java",
                    Files.readSymbolicLink(Path.of("/proc/" + agent.pid() + "/exe"))
                            .getFileName()
                            .toString(),
                    "the launcher does not become Java");
            assertFalse(listens("127.0.0.2", port), "the agent listens on other addresses too");
            assertEquals(0, agent.interrupt(Duration.ofSeconds(2)));
        }
    }

    /** The README's indented lines: one command each. */
    private static List<String> commands() throws IOException {
        return Files.readString(Path.of("..", README))
                .lines()
                .filter(line -> line.startsWith("    ") && !line.isBlank())
                .map(String::strip)
                .toList();
    }

    /** A series of the metrics page as the README shows it: without the UUID, the container id and empty labels. */
    private static String series(String page, List<String> parts) {
        String series = page.lines()
                .filter(line -> parts.stream().allMatch(line::contains) && line.startsWith(parts.get(0)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no series " + parts + " in\n" + page));
        return series.replaceAll("(?<=[{,])(uuid|container_id)=\"[^\"]*\",?", "")
                        .replaceAll("(?<=[{,])\\w+=\"\",?", "")
                        .replace(",}", "}")
                + "\n";
    }

    private static boolean listens(String address, int port) throws IOException {
        try (Socket socket = new Socket(address, port)) {
            return socket.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }
}
