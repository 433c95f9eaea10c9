package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.gpuagent.agent.metrics.SnapshotFixtures;
import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Attribution;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadLabels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final Instant START = Instant.parse("2026-11-23T06:00:00Z");

    private static final JsonSchema SCHEMA = JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(new String(StatusPage.resource("history.schema.json"), StandardCharsets.UTF_8));

    private final History history = new History();
    private int steps;

    @Test
    void itConformsToItsSchemaInEveryStateOfTheGpus() throws IOException {
        Stream.of(
                        SnapshotFixtures.beforeTheFirstSample(),
                        SnapshotFixtures.twoGpus(),
                        SnapshotFixtures.unknownMemory(),
                        SnapshotFixtures.unreadableList(),
                        SnapshotFixtures.oneOfEachState(),
                        SnapshotFixtures.hostileNames(),
                        SnapshotFixtures.negativeUnattributed(),
                        SnapshotFixtures.mig(),
                        SnapshotFixtures.noDriver())
                .forEach(this::add);
        json();
    }

    @Test
    void aMissingValueIsAGap() throws IOException {
        add(SnapshotFixtures.twoGpus());
        add(SnapshotFixtures.noDriver());
        add(SnapshotFixtures.unreadableList());
        JsonNode gpu = json().at("/gpus/0");
        assertTrue(gpu.at("/used_bytes/0").isIntegralNumber(), gpu.toString());
        assertTrue(gpu.at("/used_bytes/1").isNull(), gpu.toString());
        assertTrue(gpu.at("/workloads/0/memory_bytes/1").isNull(), gpu.toString());
        assertTrue(gpu.at("/used_bytes/2").isIntegralNumber(), gpu.toString());
        assertTrue(gpu.at("/unattributed_bytes/2").isNull(), gpu.toString());
    }

    @Test
    void itKeepsAQuarterOfAnHourAndForgetsRemovedGpusAndEndedWorkloads() throws IOException {
        add(SnapshotFixtures.twoGpus());
        IntStream.range(0, 89).forEach(i -> add(of(Map.of("a", 1L))));
        assertEquals(List.of("0", "0", "1"), json().findValuesAsText("gpu"));
        assertTrue(json().toString().contains("ivws-channels"), json().toString());
        add(of(Map.of("a", 1L)));
        JsonNode later = json();
        assertEquals(90, later.get("times").size());
        assertEquals("2026-11-23T06:00:10Z", later.at("/times/0").asText());
        assertEquals("2026-11-23T06:15:00Z", later.at("/times/89").asText());
        assertEquals(List.of("0"), later.findValuesAsText("gpu"));
        assertEquals(List.of("a"), later.findValuesAsText("workload"));
    }

    @Test
    void theLargestWorkloadsAtPresentHaveTheirOwnSeries() throws IOException {
        add(of(Map.of("a", 9L, "b", 8L, "c", 7L, "d", 6L, "e", 5L, "f", 4L, "g", 3L, "h", 2L)));
        add(of(Map.of("a", 9L, "b", 8L, "c", 7L, "d", 6L, "e", 5L, "f", 4L, "g", 3L, "h", 2L, "i", 10L, "j", 1L)));
        JsonNode gpu = json().at("/gpus/0");
        assertEquals(List.of("a", "b", "c", "d", "e", "f", "g", "i"), gpu.findValuesAsText("workload"));
        assertEquals("[null,10]", gpu.at("/workloads/7/memory_bytes").toString());
        assertEquals("[2,3]", gpu.get("others_bytes").toString());
    }

    @Test
    void memoryAddsUpAtEveryStepWhateverStartsAndEnds() throws IOException {
        Random random = new Random(7);
        for (int step = 0; step < 200; step++) {
            Map<String, Long> memory = new TreeMap<>();
            random.ints(random.nextInt(30), 0, 60).forEach(i -> memory.put("w" + i, 1L + random.nextInt(1 << 30)));
            add(of(memory));
        }
        JsonNode gpu = json().at("/gpus/0");
        assertEquals(8, gpu.get("workloads").size());
        for (int step = 0; step < 90; step++) {
            long sum = gpu.get("others_bytes").get(step).asLong()
                    + gpu.get("unattributed_bytes").get(step).asLong();
            for (JsonNode workload : gpu.get("workloads")) {
                sum += workload.get("memory_bytes").get(step).asLong();
            }
            assertEquals(gpu.get("used_bytes").get(step).asLong(), sum, "step " + step);
            assertEquals(5, gpu.get("unattributed_bytes").get(step).asLong());
        }
    }

    private void add(Snapshot snapshot) {
        history.add(START.plus(History.STEP.multipliedBy(steps++)), snapshot);
    }

    private JsonNode json() throws IOException {
        String json = history.json();
        assertEquals(Set.of(), SCHEMA.validate(json, InputFormat.JSON), json);
        return new ObjectMapper().readTree(json);
    }

    /** One GPU with units that hold the given bytes, and five unattributed bytes. */
    private static Snapshot of(Map<String, Long> memory) {
        List<WorkloadUsage> workloads = memory.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> usage(entry.getKey(), entry.getValue()))
                .toList();
        long held = memory.values().stream().mapToLong(bytes -> bytes).sum();
        GpuSample sample = new GpuSample(
                new GpuMemory(GpuMemory.Api.V2, 1L << 40, held + 5, 0, 0L),
                new ProcessList.Known(List.of()),
                List.of(new Reading(DeviceMetric.UTILIZATION, 0.25)),
                List.of(),
                List.of());
        Attribution attribution = new Attribution(true, workloads, 5L);
        GpuIdentity identity = new GpuIdentity(0, "GPU-0", "NVIDIA L4", "00000000:01:00.0");
        GpuUsage gpu = new GpuUsage(identity, new GpuState.Live(START, sample, attribution));
        Snapshot other = SnapshotFixtures.twoGpus();
        return new Snapshot(START, other.backend(), List.of(gpu), Map.of(), Map.of(), other.totals());
    }

    private static WorkloadUsage usage(String name, long bytes) {
        GpuProcess process = new GpuProcess(1, "", bytes, Set.of(GpuProcess.Kind.COMPUTE));
        return new WorkloadUsage(
                new WorkloadLabels("unit", name, "", "", "", ""),
                "",
                new Workload.HostProcess(name),
                null,
                List.of(new ProcessUsage(process, name, 0, "")));
    }
}
