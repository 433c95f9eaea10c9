package io.gpuagent.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.MetricGroup;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioTest {

    private static final String DEVICE = "device 0 uuid=GPU-0\n";

    @ParameterizedTest(name = "{0} is rejected: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "devcie 0 uuid=GPU-0|line 2: unknown keyword devcie",
                "device 0 uiud=x|line 2: unknown key uiud of device",
                "device 0 uuid=a uuid=b|line 2: uuid appears twice",
                "device uuid=a|line 2: device needs a device's index",
                "device zero uuid=a|line 2: zero is not a whole number",
                "device -1 uuid=a|line 2: an index must not be negative",
                "device 1 mem_total=1G|line 2: device 1 has no statement with a uuid",
                "device 0 mem_total=12Q|line 2: 12Q is not a size, such as 46137344, 44M or 1.5G",
                "device 0 temp=warm|line 2: warm is not a number",
                "device 0 temp=1..2/0s|line 2: the period of 1..2/0s is zero",
                "device 0 temp=1..2/soon|line 2: soon is not a duration, such as 500ms, 10s, 2m or 1h",
                "device 0 mig=maybe|line 2: mig must be on or off, not maybe",
                "device 0 name=\"open|line 2: unterminated quote",
                "device 0 name=\"a\\q\"|line 2: unknown escape \\q",
                "device 0 name=\"\\xZ1\"|line 2: \\x needs two hexadecimal digits",
                "proc 0 mem=1M|line 2: proc needs the key pid",
                "proc 7 pid=1|line 2: device 7 has no statement with a uuid",
                "proc 0 pid=1 list=X|line 2: X is not a process list; use C, G or M",
                "proc 0 pid=1 state=run cgroup=/|line 2: a state must be one letter, not run",
                "device 0 1 uuid=a|line 2: a device's index appears twice",
                "fault -1 of=memory code=15|line 2: an index must not be negative",
                "key=value device 0|line 2: unknown keyword key",
                "container name=a|line 2: container needs the key id",
                "container 1 id=a name=b|line 2: container takes keys only, not 1",
                "fault 0 of=memory|line 2: fault needs one of the keys code, delay, hang",
                "fault 0 code=15|line 2: fault needs the key of",
                "fault 0 call=nvmlInit code=15|line 2: unknown key call of fault",
                "fault 0 of=enumeration code=999|line 2: enumeration concerns all devices; use *",
                "fault 0 of=readings/watts code=3|line 2: unknown reading watts",
                "fault 0 of=mem code=3|line 2: mem is not a capability; use enumeration, device, memory, processes, utilization, energy, accounting, events or readings/KEY",
                "cycle 0s|line 2: a cycle must not be zero",
            })
    void invalidLineIsRejected(String line, String message) {
        ScenarioException exception = assertThrows(ScenarioException.class, () -> Simulation.of(DEVICE + line + "\n"));
        assertEquals(message, exception.getMessage());
    }

    /** Checks the example in SCENARIO.md and the faults in its text. */
    @Test
    void statementsOfTheDocumentAreValid() throws Exception {
        String document = Files.readString(Path.of("SCENARIO.md"));
        String example = document.lines()
                .filter(line -> line.startsWith("    "))
                .map(String::strip)
                .collect(Collectors.joining("\n"));
        assertEquals(1, Simulation.of(example).backend().enumerate().gpus().size());
        List<String> faults = Pattern.compile("`(fault \\d [^`]+)`")
                .matcher(document)
                .results()
                .map(found -> found.group(1))
                .filter(fault -> !fault.contains("…"))
                .toList();
        assertFalse(faults.isEmpty());
        for (String fault : faults) {
            Simulation.of(DEVICE + fault);
        }
    }

    @Test
    void documentDescribesEveryCapabilityThatCanFail() throws Exception {
        String section = Files.readString(Path.of("SCENARIO.md"))
                .split("\\*\\*`fault ")[1]
                .split("\n\n")[1];
        List<String> described = Pattern.compile("(?m)^\\| `(\\S+)` \\|")
                .matcher(section)
                .results()
                .map(found -> found.group(1))
                .filter(capability -> !capability.equals("readings/KEY"))
                .toList();
        assertEquals(Faults.CAPABILITIES, described);
    }

    @Test
    void statementsAboutADeviceAreCombined() throws Exception {
        GpuSample sample = read("""
                device 0 uuid=GPU-0 mem_total=10G mem_reserved=1G temp=40
                device 0 mem_other=1M util=50 # the rest
                proc 0 pid=1 mem=2G
                """);
        long used = (2L << 30) + (1L << 20);
        assertEquals(
                new GpuMemory(GpuMemory.Api.V2, 10L << 30, used, (10L << 30) - used - (1L << 30), 1L << 30),
                sample.memory());
        assertEquals(Map.of(DeviceMetric.TEMPERATURE, 40.0, DeviceMetric.UTILIZATION, 0.5), readings(sample));
    }

    @Test
    void unsupportedValueIsAbsent() throws Exception {
        GpuSample sample = read(DEVICE + "proc 0 pid=1 mem=unknown\n");
        assertNull(sample.memory());
        assertEquals(List.of(), sample.readings());
        assertNull(((ProcessList.Known) sample.processes()).processes().get(0).memoryBytes());
    }

    @Test
    void waveformRisesAndFallsWithinItsPeriod() throws Exception {
        AtomicLong nanos = new AtomicLong();
        RunningScenario running =
                new RunningScenario(Scenario.parse(DEVICE + "device 0 temp=10..30/20s\n"), null, nanos::get);
        Gpu gpu = new SimulatedBackend(running, MetricSelection.DEFAULT)
                .enumerate()
                .gpus()
                .get(0);
        double[] expected = {10, 20, 30, 20, 10, 20};
        for (int i = 0; i < expected.length; i++) {
            nanos.set(Duration.ofSeconds(5L * i).toNanos());
            assertEquals(expected[i], readings(gpu.read()).get(DeviceMetric.TEMPERATURE), 1e-9);
        }
    }

    @Test
    void statementsAreActiveInTheirTimeRangeOfEachCycle() throws Exception {
        AtomicLong nanos = new AtomicLong();
        RunningScenario running = new RunningScenario(
                Scenario.parse(DEVICE + "cycle 10s\nproc 0 pid=1 mem=1M from=2s until=4s\n"), null, nanos::get);
        Gpu gpu = new SimulatedBackend(running, MetricSelection.DEFAULT)
                .enumerate()
                .gpus()
                .get(0);
        StringBuilder seen = new StringBuilder();
        for (int second = 0; second < 16; second++) {
            nanos.set(Duration.ofSeconds(second).toNanos());
            seen.append(((ProcessList.Known) gpu.read().processes()).processes().size());
        }
        assertEquals("0011000000001100", seen.toString());
    }

    @Test
    @Timeout(20)
    void costOfTheEnergyCounterDoesNotGrowWithTheScenariosAge() throws Exception {
        AtomicLong nanos = new AtomicLong();
        Scenario scenario =
                Scenario.parse(DEVICE + "cycle 2ms\ndevice 0 power=100 until=1ms\ndevice 0 power=300 from=1ms\n");
        RunningScenario running = new RunningScenario(scenario, null, nanos::get);
        Gpu gpu = new SimulatedBackend(running, MetricSelection.DEFAULT)
                .enumerate()
                .gpus()
                .get(0);
        for (int second = 0; second < 300; second++) {
            nanos.set(Duration.ofSeconds(second).toNanos());
            assertEquals(200_000L * second, gpu.read().energyMillijoules(), 1);
        }
    }

    @Test
    void quotedTextMayContainAnyByte() throws Exception {
        Inventory inventory = Simulation.of("device 0 uuid=G name=\"a \\\"b\\\" \\\\ \\n # é \\xC3\\xA9 \\xFF\"\n")
                .backend()
                .enumerate();
        assertEquals(
                "a \"b\" \\ \n # é é \uFFFD", inventory.gpus().get(0).identity().model());
    }

    @Test
    void containerIsFoundWhileItsStatementIsActive() throws Exception {
        Simulation node = Simulation.of("container id=abc name=web image=i label.team=x until=1h\n");
        ContainerLookup found =
                node.directory().find(new Workload.Container(ContainerRuntime.DOCKER, "abc", null, null));
        assertEquals("web", ((ContainerLookup.Known) found).details().name());
        assertEquals(
                Map.of("team", "x"), ((ContainerLookup.Known) found).details().labels());
        assertEquals(
                new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND),
                node.directory().find(new Workload.Container(ContainerRuntime.DOCKER, "abd", null, null)));
    }

    @Test
    void changedFileIsReReadAndAnInvalidChangeIsIgnored(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("s"), DEVICE);
        Simulation node = Simulation.of(file);
        assertEquals(1, node.backend().enumerate().gpus().size());
        Files.writeString(file, DEVICE + "device 1 uuid=GPU-1\n");
        assertEquals(2, node.backend().enumerate().gpus().size());
        Files.writeString(file, "nonsense\n");
        assertEquals(2, node.backend().enumerate().gpus().size());
    }

    @Test
    void demoShowsAllProcessTypes() throws Exception {
        Simulation node = Simulation.demo();
        List<Gpu> gpus = node.backend().enumerate().gpus();
        assertEquals(4, gpus.size());
        List<String> types = gpus.stream()
                .flatMap(ScenarioTest::processes)
                .map(GpuProcess::type)
                .toList();
        assertTrue(types.contains("C+G") && types.size() >= 7, types.toString());
    }

    private static java.util.stream.Stream<GpuProcess> processes(Gpu gpu) {
        try {
            return ((ProcessList.Known) gpu.read().processes()).processes().stream();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static GpuSample read(String scenario) throws Exception {
        return Simulation.of(scenario).backend().enumerate().gpus().get(0).read();
    }

    @Test
    void gpmMetricsNeedTheirGroupAndNoMig() throws Exception {
        MetricSelection chosen = MetricSelection.DEFAULT.withGroups(Set.of(MetricGroup.GPM));
        String busy = DEVICE + "device 0 gpm_sm_utilization=25 gpm_pcie_receive=1M\n";
        Map<DeviceMetric, Double> readings = readings(sample(busy, chosen));
        assertEquals(0.25, readings.get(DeviceMetric.GPM_SM_UTILIZATION));
        assertEquals(1048576.0, readings.get(DeviceMetric.GPM_PCIE_RECEIVE));
        assertFalse(readings(sample(busy, MetricSelection.DEFAULT)).containsKey(DeviceMetric.GPM_SM_UTILIZATION));
        String mig = busy + "device 0 mig=on\n";
        assertFalse(readings(sample(mig, chosen)).containsKey(DeviceMetric.GPM_SM_UTILIZATION));
    }

    private static GpuSample sample(String text, MetricSelection selection) throws Exception {
        return Simulation.of(text).backend(selection).enumerate().gpus().get(0).read();
    }

    private static Map<DeviceMetric, Double> readings(GpuSample sample) {
        return sample.readings().stream().collect(Collectors.toMap(Reading::metric, Reading::value));
    }
}
