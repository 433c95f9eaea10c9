package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.gpuagent.agent.metrics.SnapshotFixtures;
import io.gpuagent.simulation.Simulation;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Golden;
import io.gpuagent.usage.Sampler;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.WorkloadResolver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UsageJsonTest {

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private static final JsonSchema SCHEMA = JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(new String(StatusPage.resource("usage.schema.json"), StandardCharsets.UTF_8));

    static Stream<Arguments> snapshots() {
        return Stream.of(
                Arguments.of("two-gpus", SnapshotFixtures.twoGpus()),
                Arguments.of("unknown-memory", SnapshotFixtures.unknownMemory()),
                Arguments.of("negative-unattributed", SnapshotFixtures.negativeUnattributed()),
                Arguments.of("accounts", SnapshotFixtures.accounts()),
                Arguments.of("catalogue", SnapshotFixtures.everyReading()),
                Arguments.of("unreadable-list", SnapshotFixtures.unreadableList()),
                Arguments.of("states", SnapshotFixtures.oneOfEachState()),
                Arguments.of("before-the-first-sample", SnapshotFixtures.beforeTheFirstSample()),
                Arguments.of("no-driver", SnapshotFixtures.noDriver()),
                Arguments.of("hostile-names", SnapshotFixtures.hostileNames()),
                Arguments.of("mig", SnapshotFixtures.mig()));
    }

    @ParameterizedTest
    @MethodSource("snapshots")
    void usageMatchesItsGoldenFileAndItsSchema(String name, Snapshot snapshot) throws IOException {
        String json = onTheWire(snapshot);
        Golden.check(UsageJsonTest.class, name + ".json", MAPPER.readTree(json).toPrettyString() + "\n");
        assertEquals(Set.of(), validate(json));
    }

    @Test
    void usageIsASingleLine() {
        String json = onTheWire(SnapshotFixtures.hostileNames());
        assertEquals(1, json.lines().count());
    }

    @Test
    void theSchemaRefusesUnknownMemoryThatIsNegativeOrOmitted() throws IOException {
        JsonNode usage = MAPPER.readTree(onTheWire(SnapshotFixtures.unknownMemory()));
        ObjectNode workload = (ObjectNode) usage.at("/gpus/0/workloads/1");
        assertTrue(workload.get("memory_bytes").isNull());
        workload.put("memory_bytes", -1);
        assertFalse(validate(usage.toString()).isEmpty());
        workload.remove("memory_bytes");
        assertFalse(validate(usage.toString()).isEmpty());
    }

    @Test
    void theSchemaRefusesALiveGpuWithoutAListOfWorkloads() throws IOException {
        JsonNode usage = MAPPER.readTree(onTheWire(SnapshotFixtures.unreadableList()));
        ObjectNode gpu = (ObjectNode) usage.at("/gpus/0");
        assertTrue(gpu.get("workloads").isNull());
        gpu.remove("workloads");
        assertFalse(validate(usage.toString()).isEmpty());
    }

    @Test
    void theSchemaRefusesAnAccountWithAMissingOrNegativeSum() throws IOException {
        JsonNode usage = MAPPER.readTree(onTheWire(SnapshotFixtures.accounts()));
        ObjectNode account = (ObjectNode) usage.at("/gpus/0/accounts/0");
        account.put("energy_joules", -0.5);
        assertFalse(validate(usage.toString()).isEmpty());
        account.remove("energy_joules");
        assertFalse(validate(usage.toString()).isEmpty());
        account.putNull("energy_joules");
        assertEquals(Set.of(), validate(usage.toString()));
    }

    @Test
    void aSampledNodeConformsToTheSchemaAndItsEnergyAddsUp() throws Exception {
        Simulation node = Simulation.demo();
        Sampler.Builder builder = Sampler.of(node.backend())
                .workloads(new WorkloadResolver(node.processes()))
                .directory(node.directory())
                .maxWorkloads(3)
                .interval(Duration.ofMillis(100));
        try (Sampler sampler = builder.start()) {
            Eventually.within(
                    Duration.ofSeconds(60),
                    "joules",
                    () -> sampler.current().gpus().stream()
                            .anyMatch(
                                    gpu -> gpu.energy() != null && gpu.energy().joules() > 0));
            String json = onTheWire(sampler.current());
            assertEquals(Set.of(), validate(json));
            for (JsonNode gpu : MAPPER.readTree(json).get("gpus")) {
                assertEquals(gpu.at("/energy/joules").asDouble(), joules(gpu), 1e-6);
            }
            assertTrue(json.contains("\"workload\":\"(other)\""), json);
        }
    }

    private static double joules(JsonNode gpu) {
        double sum = gpu.at("/energy/unattributed_joules").asDouble();
        for (JsonNode account : gpu.get("accounts")) {
            sum += account.get("energy_joules").asDouble();
        }
        return sum;
    }

    private static Set<ValidationMessage> validate(String json) {
        return SCHEMA.validate(
                json, InputFormat.JSON, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
    }

    private static String onTheWire(Snapshot snapshot) {
        return new String(UsageJson.of(snapshot).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
