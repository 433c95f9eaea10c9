package io.gpuagent.nvml;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.Reading;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.Conversion;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.ReadTable;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Series;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A device's values by {@link ReadTable}. */
final class Readings {

    private final DeviceCalls calls;
    private final NativeMemory usual = new NativeMemory(ReadTable.USUAL_EXTENT);

    /** For the fields of all links; apart, as memory is written over before each call. */
    private final NativeMemory large =
            new NativeMemory(ReadTable.ROWS.stream().mapToInt(Row::extent).max().orElseThrow());

    private final List<Row> everyTick;
    private final List<Row> slow;
    private final long slowNanos;
    private List<Reading> slowReadings = List.of();

    /** When those were read; null before they were. */
    private @Nullable Long slowReadAt;

    Readings(DeviceCalls calls, MetricSelection selection) {
        this.calls = calls;
        this.slowNanos = selection.slowEvery().toNanos();
        Map<Boolean, List<Row>> rows = ReadTable.ROWS.stream()
                .filter(row -> selection.includes(row.metric()))
                .collect(Collectors.partitioningBy(row -> row.metric().tier() == DeviceMetric.Tier.SLOW));
        this.everyTick = rows.getOrDefault(false, List.of());
        this.slow = rows.getOrDefault(true, List.of());
    }

    List<Reading> read(ReadProblems findings) throws GpuUnavailableException {
        List<Reading> readings = read(everyTick, findings);
        long now = System.nanoTime();
        if (slowReadAt == null || now - slowReadAt >= slowNanos) {
            slowReadings = read(slow, findings);
            slowReadAt = now;
        }
        readings.addAll(slowReadings);
        return readings;
    }

    private List<Reading> read(List<Row> rows, ReadProblems findings) throws GpuUnavailableException {
        List<Reading> readings = new ArrayList<>();
        Set<Series> answered = new HashSet<>();
        for (Row row : rows) {
            List<Value> wanted = row.values().stream()
                    .filter(value -> !answered.contains(value.series()))
                    .toList();
            NativeMemory answer = row.extent() > ReadTable.USUAL_EXTENT ? large : usual;
            if (!wanted.isEmpty() && calls.ask(row.function(), answer, findings) == ReturnCode.SUCCESS) {
                wanted.forEach(value -> answered.add(value.series()));
                readings.addAll(in(answer, wanted, findings));
            }
        }
        return readings;
    }

    /** The values that lie in an answer, as far as they can be true. */
    static List<Reading> in(NativeMemory answer, List<Value> values, ReadProblems findings) {
        List<Reading> readings = new ArrayList<>();
        for (Value value : values) {
            double converted = value.conversion().of(answer, value.offset());
            if (Double.isNaN(converted)) {
                findings.reject(ReadProblems.OVER_RANGE);
            } else if (converted != Conversion.ABSENT) {
                readings.add(new Reading(value.metric(), value.labels(), converted));
            }
        }
        return readings;
    }
}
