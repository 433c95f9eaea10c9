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

/** A device's readings, made according to {@link ReadTable}. */
final class Readings {

    private final DeviceCalls calls;
    private final NativeMemory small = new NativeMemory(ReadTable.DEFAULT_SIZE);

    /**
     * Buffer for calls that read a field of every link. It is separate, since the whole buffer is overwritten before
     * each call.
     */
    private final NativeMemory large = new NativeMemory(
            ReadTable.ROWS.stream().mapToInt(Row::bufferSize).max().orElseThrow());

    private final List<Row> everyTick;
    private final List<Row> slow;
    private final long slowNanos;
    private List<Reading> slowReadings = List.of();

    /** Time at which {@link #slowReadings} were read; null before the first read. */
    private @Nullable Long slowReadAt;

    Readings(DeviceCalls calls, MetricSelection selection) {
        this.calls = calls;
        this.slowNanos = selection.slowEvery().toNanos();
        Map<Boolean, List<Row>> rows = ReadTable.ROWS.stream()
                .filter(row -> selection.includes(row.metric()) && row.holdsIn(calls.session.nvml))
                .collect(Collectors.partitioningBy(row -> row.metric().tier() == DeviceMetric.Tier.SLOW));
        this.everyTick = rows.getOrDefault(false, List.of());
        this.slow = rows.getOrDefault(true, List.of());
    }

    List<Reading> read(ReadProblems problems) throws GpuUnavailableException {
        List<Reading> readings = read(everyTick, problems);
        long now = System.nanoTime();
        if (slowReadAt == null || now - slowReadAt >= slowNanos) {
            slowReadings = read(slow, problems);
            slowReadAt = now;
        }
        readings.addAll(slowReadings);
        return readings;
    }

    private List<Reading> read(List<Row> rows, ReadProblems problems) throws GpuUnavailableException {
        List<Reading> readings = new ArrayList<>();
        Set<Series> covered = new HashSet<>();
        for (Row row : rows) {
            List<Value> wanted = row.values().stream()
                    .filter(value -> !covered.contains(value.series()))
                    .toList();
            NativeMemory buffer = row.bufferSize() > ReadTable.DEFAULT_SIZE ? large : small;
            if (!wanted.isEmpty() && calls.query(row.function(), buffer, problems) == ReturnCode.SUCCESS) {
                wanted.forEach(value -> covered.add(value.series()));
                readings.addAll(convert(buffer, wanted, problems));
            }
        }
        return readings;
    }

    /** Converts the values in a buffer, and rejects those that cannot be true. */
    static List<Reading> convert(NativeMemory buffer, List<Value> values, ReadProblems problems) {
        List<Reading> readings = new ArrayList<>();
        for (Value value : values) {
            double converted = value.number().applyAsDouble(buffer);
            if (Double.isNaN(converted)) {
                problems.reject(ReadProblems.OVER_RANGE);
            } else if (converted != Conversion.ABSENT) {
                readings.add(new Reading(value.metric(), value.labels(), converted));
            }
        }
        return readings;
    }
}
