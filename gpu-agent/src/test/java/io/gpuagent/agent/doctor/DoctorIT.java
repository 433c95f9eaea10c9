package io.gpuagent.agent.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.nvml.FakeNvml;
import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.AgentProcess.Result;
import io.gpuagent.testing.Golden;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.Requirement;
import io.gpuagent.testing.StubDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs the packaged doctor on several nodes, each broken in a different way, and on one that works. */
@Tag("alone")
@ExtendWith(Opened.Scope.class)
class DoctorIT {

    private static final long PID = ProcessHandle.current().pid();
    private static final String NODE = """
            driver version=580.95.05
            device 0 uuid=GPU-0 name=Tesla mem_total=8G util=1 mem_util=1 temp=50 power=70 power_limit=75
            device 1 uuid=GPU-1 name=Tesla mem_total=8G util=1 mem_util=1 temp=50 power=70 power_limit=75
            proc 0 pid=PID mem=1G
            """.replace("PID", Long.toString(PID));

    /**
     * Checks whose findings depend on the test machine. The golden files contain only their names; other tests check
     * the findings.
     */
    private static final List<String> OF_THE_MACHINE = List.of("devices", "mig", "cgroup", "java", "clock");

    @TempDir
    Path directory;

    private StubDaemon docker;

    @BeforeEach
    void startDocker(Opened opened) {
        assumeFalse(Files.exists(Path.of("/proc/driver/nvidia")), "the report would show this machine's own driver");
        docker = opened.add(StubDaemon.unix(directory.resolve("docker.sock")));
    }

    @Test
    void aMissingLibraryIsBroken() throws IOException {
        assertReport("no-library", 1, doctor(List.of(), "--nvml.library=" + directory.resolve("libnvidia-ml.so.1")));
    }

    @Test
    void anOldLibraryIsReported() throws IOException {
        assertReport("old-library", 0, doctor(fake(FakeNvml.Variant.DRIVER_418, NODE)));
    }

    @Test
    void missingHostPidsAreBroken() throws IOException {
        Path proc = directory.resolve("proc");
        Files.createDirectories(proc.resolve("1"));
        Files.writeString(proc.resolve("1/cgroup"), "0::/\n");
        Files.createDirectories(proc.resolve("2"));
        Files.writeString(proc.resolve("2/comm"), "sh\n");
        Result result = doctor(fake(FakeNvml.Variant.DRIVER_580, NODE), "--path.procfs=" + proc);
        assertReport("no-host-pid", 1, result);
    }

    @Test
    void aMissingPermissionForTheSocketIsReported() throws IOException {
        Requirement.require(Requirement.ROOT, Requirement.SETPRIV);
        String fake = fake(FakeNvml.Variant.DRIVER_580, NODE);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory.resolve("docker.sock"), PosixFilePermissions.fromString("rw-------"));
        List<String> nobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        assertReport("no-socket-permission", 0, doctor(nobody, fake));
    }

    @Test
    void aHungDockerIsReported() throws IOException {
        docker.mode = StubDaemon.Mode.HANG;
        assertReport("hung-docker", 0, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE)));
    }

    @Test
    void aDriverThatHangsDuringInitialisationIsBroken() throws IOException {
        assertReport(
                "hung-driver", 1, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE + "fault * call=nvmlInit hang=on\n")));
    }

    @Test
    void aHungGpuIsReported() throws IOException {
        String hang = "fault 1 call=nvmlDeviceGetMemoryInfo hang=on\n";
        assertReport("hung-gpu", 0, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE + hang)));
    }

    @Test
    void aNodeOnWhichEverythingHangsIsBroken() throws IOException {
        docker.mode = StubDaemon.Mode.HANG;
        String hang = "fault * call=nvmlDeviceGetComputeRunningProcesses hang=on\n";
        assertReport("all-hung", 1, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE + hang)));
    }

    /** The hung call has no deadline of its own, so only the doctor's time limit ends the wait. */
    @Test
    void aHungLibraryIsBroken() throws IOException {
        String hang = "fault * call=nvmlSystemGetNVMLVersion hang=on\n";
        assertReport("hung-library", 1, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE + hang)));
    }

    @Test
    void aWorkingNodeIsOk() throws IOException {
        assertReport("working", 0, doctor(fake(FakeNvml.Variant.DRIVER_580, NODE)));
    }

    @Test
    void jsonHasTheSameFindings() throws IOException {
        String fake = fake(FakeNvml.Variant.DRIVER_580, NODE + "fault 1 call=nvmlDeviceGetUUID code=15\n");
        Result result = doctor(fake, "--format=json");
        assertEquals(0, result.status(), result.err());
        assertEquals(1, result.out().lines().count(), result.out());
        JsonNode report = new ObjectMapper().readTree(result.out());
        assertEquals("limited", report.path("verdict").asText());
        JsonNode lost = StreamSupport.stream(report.path("findings").spliterator(), false)
                .filter(finding -> finding.path("check").asText().equals("gpu 1"))
                .findFirst()
                .orElseThrow();
        assertEquals("limited", lost.path("verdict").asText());
        assertTrue(lost.path("text").asText().endsWith("nvmlDeviceGetUUID returned GPU_IS_LOST"), lost.toString());
        assertTrue(lost.path("fix").asText().contains("--gpu-reset -i 1"), lost.toString());
    }

    private String fake(FakeNvml.Variant variant, String scenario) {
        return "--nvml.library="
                + FakeNvml.build(variant, directory).play(scenario).library();
    }

    private Result doctor(String... flags) {
        return doctor(List.of(), flags);
    }

    private Result doctor(List<String> under, String... flags) {
        List<String> arguments =
                new ArrayList<>(List.of("doctor", "--docker.host=" + docker.address(), "--oci.bundles=off"));
        arguments.addAll(List.of(flags));
        Instant start = Instant.now();
        Result result = AgentProcess.run(under, Map.of(), arguments.toArray(String[]::new));
        Duration took = Duration.between(start, Instant.now());
        assertTrue(took.compareTo(Duration.ofSeconds(10)) < 0, "took " + took);
        return result;
    }

    private void assertReport(String name, int status, Result result) throws IOException {
        Golden.check(DoctorIT.class, name + ".txt", masked(result.out()));
        assertEquals(status, result.status(), result.out() + result.err());
        assertEquals("", result.err());
    }

    private String masked(String text) {
        StringBuilder masked = new StringBuilder();
        boolean left = false;
        for (String line : text.replace(directory.toString(), "DIR").lines().toList()) {
            boolean fix = line.startsWith(" ");
            String check = fix ? "" : line.replaceFirst("^\\w+ +", "").replaceFirst(" .*", "");
            left = fix ? left : OF_THE_MACHINE.contains(check);
            if (!left) {
                masked.append(line.replaceAll("\\(\\d+ ms\\)", "(N ms)")).append('\n');
            } else if (!fix) {
                masked.append("         ").append(check).append('\n');
            }
        }
        return masked.toString();
    }
}
