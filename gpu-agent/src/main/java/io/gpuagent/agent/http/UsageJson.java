package io.gpuagent.agent.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.BackendState;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as JSON, by the schema {@code usage.schema.json} beside this class. What is not known is null, never 0; a list that
 * could not be read is null, never empty.
 */
public final class UsageJson {

    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;

    private UsageJson(JsonGenerator json) {
        this.json = json;
    }

    /** Writes the snapshot as one line, and leaves the writer open. */
    public static void write(Snapshot snapshot, Writer out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            new UsageJson(json).snapshot(snapshot);
            json.writeRaw('\n');
        }
    }

    private void snapshot(Snapshot snapshot) throws IOException {
        json.writeStartObject();
        text("time", snapshot.time());
        json.writeNumberField(
                "sample_interval_seconds", snapshot.totals().interval().toNanos() / 1e9);
        backend(snapshot.backend());
        json.writeArrayFieldStart("gpus");
        for (GpuUsage gpu : snapshot.gpus()) {
            gpu(gpu);
        }
        json.writeEndArray();
        counts("unresolved_processes", snapshot.unresolved());
        counts("unnamed_workloads", snapshot.unnamed());
        json.writeEndObject();
    }

    private void backend(BackendState backend) throws IOException {
        json.writeObjectFieldStart("backend");
        json.writeStringField("name", backend.name());
        json.writeBooleanField("up", backend.up());
        json.writeBooleanField("known", backend.known());
        json.writeStringField("driver_version", backend.driverVersion());
        text("problem", backend.problem() == null ? null : lower(backend.problem()));
        json.writeStringField("message", backend.message());
        json.writeEndObject();
    }

    private void gpu(GpuUsage gpu) throws IOException {
        GpuIdentity identity = gpu.identity();
        json.writeStartObject();
        json.writeNumberField("gpu", identity.index());
        json.writeStringField("uuid", identity.uuid());
        json.writeStringField("model", identity.model());
        json.writeStringField("pci_bus_id", identity.pciBusId());
        state(gpu.state());
        json.writeEndObject();
    }

    private void state(GpuState state) throws IOException {
        if (state instanceof GpuState.Live live) {
            json.writeStringField("state", "live");
            live(live);
        } else if (state instanceof GpuState.Stalled stalled) {
            down("stalled", stalled.function(), null, stalled.since());
        } else if (state instanceof GpuState.Lost lost) {
            CallFault fault = lost.fault();
            down("lost", fault.function(), fault.code(), lost.since());
        } else {
            json.writeStringField("state", "starting");
        }
    }

    private void down(String state, String function, @Nullable String code, Instant since) throws IOException {
        json.writeStringField("state", state);
        json.writeStringField("function", function);
        text("code", code);
        text("since", since);
    }

    private void live(GpuState.Live live) throws IOException {
        text("sampled_at", live.sampledAt());
        memory(live.sample().memory());
        number("unattributed_bytes", live.attribution().unattributedBytes());
        json.writeArrayFieldStart("readings");
        for (Reading reading : live.sample().readings()) {
            reading(reading);
        }
        json.writeEndArray();
        if (live.attribution().processListUp()) {
            new WorkloadJson(json).write("workloads", live.attribution().workloads());
        } else {
            json.writeNullField("workloads");
        }
    }

    private void memory(@Nullable GpuMemory memory) throws IOException {
        if (memory == null) {
            json.writeNullField("memory");
            return;
        }
        json.writeObjectFieldStart("memory");
        json.writeStringField("api", memory.api().label());
        json.writeNumberField("total_bytes", memory.totalBytes());
        json.writeNumberField("used_bytes", memory.usedBytes());
        json.writeNumberField("free_bytes", memory.freeBytes());
        number("reserved_bytes", memory.reservedBytes());
        json.writeEndObject();
    }

    private void reading(Reading reading) throws IOException {
        json.writeStartObject();
        json.writeStringField("metric", reading.metric().exposedName());
        json.writeObjectFieldStart("labels");
        for (int i = 0; i < reading.labels().size(); i++) {
            json.writeStringField(
                    reading.metric().labels().get(i), reading.labels().get(i));
        }
        json.writeEndObject();
        json.writeNumberField("value", reading.value());
        json.writeEndObject();
    }

    private <R extends Enum<R>> void counts(String name, Map<R, Integer> counts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<R, Integer> count : new TreeMap<>(counts).entrySet()) {
            json.writeNumberField(lower(count.getKey()), count.getValue());
        }
        json.writeEndObject();
    }

    private void text(String name, @Nullable Object value) throws IOException {
        json.writeStringField(name, value == null ? null : value.toString());
    }

    private void number(String name, @Nullable Long value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
