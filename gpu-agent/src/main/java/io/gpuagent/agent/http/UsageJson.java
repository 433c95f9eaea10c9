package io.gpuagent.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.MigInstance;
import io.gpuagent.device.Reading;
import io.gpuagent.usage.Account;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.ProcessUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.usage.WorkloadUsage;
import io.gpuagent.workload.ContainerDetails;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot as JSON, with the schema {@code usage.schema.json} in this package. Unknown values are null, never 0; a list that could not
 * be read is null, never empty.
 */
public final class UsageJson {

    /** Records without computed values are serialized directly; golden files and the schema detect changes of their fields. */
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
            .build();

    private UsageJson() {}

    /** The snapshot as one line, without a line feed. */
    public static String of(Snapshot snapshot) {
        return write(snapshot(snapshot));
    }

    static String write(Map<String, @Nullable Object> object) {
        try {
            return MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, @Nullable Object> snapshot(Snapshot snapshot) {
        return object(
                "time", snapshot.time(),
                "sample_interval_seconds", snapshot.totals().interval().toNanos() / 1e9,
                "backend", snapshot.backend(),
                "gpus", list(snapshot.gpus(), UsageJson::gpu),
                "unresolved_processes", counts(snapshot.unresolved()),
                "unnamed_workloads", counts(snapshot.unnamed()));
    }

    private static Map<String, @Nullable Object> gpu(GpuUsage gpu) {
        Map<String, @Nullable Object> all = object(
                "gpu", gpu.identity().index(),
                "uuid", gpu.identity().uuid(),
                "model", gpu.identity().model(),
                "pci_bus_id", gpu.identity().pciBusId(),
                "details", details(gpu.identity().details()));
        all.putAll(state(gpu.state()));
        all.putAll(object(
                "unobserved_seconds", gpu.unobservedSeconds(),
                "energy", gpu.energy(),
                "xids", gpu.xids(),
                "accounts", list(gpu.accounts(), UsageJson::account)));
        return all;
    }

    private static Map<String, String> details(Map<GpuDetail, String> details) {
        Map<String, String> all = new TreeMap<>();
        details.forEach((detail, text) -> all.put(detail.label(), text));
        return all;
    }

    private static Map<String, @Nullable Object> account(Account account) {
        Map<String, @Nullable Object> all = labels(account.usage());
        all.putAll(object(
                "memory_byte_seconds", account.memoryByteSeconds(),
                "memory_peak_bytes", account.peakBytes(),
                "sm_seconds", account.smSeconds(),
                "energy_joules", account.energyJoules(),
                "xids", account.xids()));
        return all;
    }

    private static Map<String, @Nullable Object> state(GpuState state) {
        if (state instanceof GpuState.Live live) {
            return live(live);
        }
        if (state instanceof GpuState.Stalled stalled) {
            return object("state", "stalled", "function", stalled.function(), "code", null, "since", stalled.since());
        }
        return state instanceof GpuState.Lost lost
                ? object(
                        "state", "lost",
                        "function", lost.fault().function(),
                        "code", lost.fault().code(),
                        "since", lost.since())
                : object("state", "starting");
    }

    private static Map<String, @Nullable Object> live(GpuState.Live live) {
        return object(
                "state", "live",
                "sampled_at", live.sampledAt(),
                "memory", live.sample().memory(),
                "unattributed_bytes", live.attribution().unattributedBytes(),
                "other_workloads", live.attribution().others(),
                "mig_instances", list(live.sample().instances(), UsageJson::instance),
                "readings", list(live.sample().readings(), UsageJson::reading),
                "workloads",
                        live.attribution().processListUp()
                                ? list(live.attribution().workloads(), UsageJson::workload)
                                : null);
    }

    private static Map<String, @Nullable Object> instance(MigInstance instance) {
        return object(
                "mig", instance.mig(),
                "gi", instance.gpuInstance(),
                "uuid", instance.uuid(),
                "profile", instance.profile(),
                "memory", instance.memory());
    }

    private static Map<String, @Nullable Object> reading(Reading reading) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < reading.labels().size(); i++) {
            labels.put(reading.metric().labels().get(i), reading.labels().get(i));
        }
        return object("metric", reading.metric().exposedName(), "labels", labels, "value", reading.value());
    }

    private static Map<String, @Nullable Object> labels(WorkloadUsage usage) {
        List<String> values = usage.labelValues();
        Map<String, @Nullable Object> all = object();
        for (int i = 0; i < values.size(); i++) {
            all.put(WorkloadUsage.LABEL_NAMES.get(i), values.get(i));
        }
        return all;
    }

    private static Map<String, @Nullable Object> workload(WorkloadUsage usage) {
        Map<String, @Nullable Object> all = labels(usage);
        ContainerDetails details = usage.details();
        all.putAll(object(
                "runtime", usage.runtime() == null ? null : usage.runtime().label(),
                "image", details == null ? null : details.image(),
                "labels", details == null ? null : details.labels(),
                "pod_uid", usage.podUid(),
                "qos", usage.qos(),
                "memory_bytes", usage.memoryBytes(),
                "sm_ratio", usage.smRatio(),
                "process_count", usage.processes().size(),
                "unknown_memory_processes", usage.unknownMemoryProcesses(),
                "processes", list(usage.processes(), UsageJson::process)));
        return all;
    }

    private static Map<String, @Nullable Object> process(ProcessUsage usage) {
        return object(
                "pid", usage.process().pid(),
                "type", usage.process().type(),
                "memory_bytes", usage.process().memoryBytes(),
                "sm_ratio", usage.smRatio(),
                "comm", usage.comm(),
                "uid", usage.uid(),
                "user", usage.user());
    }

    private static <R extends Enum<R>> Map<String, @Nullable Object> counts(Map<R, Integer> counts) {
        Map<String, @Nullable Object> all = object();
        new TreeMap<>(counts).forEach((reason, count) -> all.put(lower(reason), count));
        return all;
    }

    /** Creates the objects one by one while they are written: all of them together would need many times the memory of the text. */
    private static <T> Iterator<Map<String, @Nullable Object>> list(
            List<T> all, Function<T, Map<String, @Nullable Object>> each) {
        return all.stream().map(each).iterator();
    }

    /** Builds an object from alternating names and values. */
    static Map<String, @Nullable Object> object(@Nullable Object... fields) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            all.put(String.valueOf(fields[i]), fields[i + 1]);
        }
        return all;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
