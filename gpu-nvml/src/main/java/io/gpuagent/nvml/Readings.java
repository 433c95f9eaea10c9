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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the metrics of a device with the functions in {@link ReadTable}. */
final class Readings {

    private final DeviceCalls calls;
    private final NativeMemory small = new NativeMemory(ReadTable.DEFAULT_SIZE);

    /**
     * The buffer for calls that read a field of every link. Other calls use a smaller one, because the whole buffer is
     * filled before each call.
     */
    private final NativeMemory large = new NativeMemory(
            ReadTable.ROWS.stream().mapToInt(Row::bufferSize).max().orElseThrow());

    private final List<Row> everyTick;
    private final List<Row> slow;
    private final long slowNanos;
    private final LinkTotals linkTotals = new LinkTotals();
    private List<Reading> slowReadings = List.of();

    /** The time at which {@link #slowReadings} were read; null before the first read. */
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
            linkTotals.complete(slowReadings);
            slowReadAt = now;
        }
        readings.addAll(slowReadings);
        return readings;
    }

    /**
     * Reads each series from the first row that has a value for it. There is one exception: the newer field with a
     * link's traffic may be 0 although an older field counts the traffic, so a later row may replace this 0.
     */
    private List<Reading> read(List<Row> rows, ReadProblems problems) throws GpuUnavailableException {
        Map<Series, Reading> readings = new LinkedHashMap<>();
        Set<Series> covered = new HashSet<>();
        for (Row row : rows) {
            List<Value> wanted = row.values().stream()
                    .filter(value -> !covered.contains(value.series()))
                    .toList();
            NativeMemory buffer = row.bufferSize() > ReadTable.DEFAULT_SIZE ? large : small;
            if (!wanted.isEmpty() && calls.query(row.function(), buffer, problems) == ReturnCode.SUCCESS) {
                for (Value value : wanted) {
                    double number = value.number().applyAsDouble(buffer);
                    reading(value, number, problems).ifPresent(reading -> readings.put(value.series(), reading));
                    if (number != Conversion.ABSENT && (number != 0 || !LinkTotals.isOfOneLink(value.metric()))) {
                        covered.add(value.series());
                    }
                }
            }
        }
        return new ArrayList<>(readings.values());
    }

    /** Converts the values in a buffer, and rejects implausible ones. */
    static List<Reading> convert(NativeMemory buffer, List<Value> values, ReadProblems problems) {
        return values.stream()
                .map(value -> reading(value, value.number().applyAsDouble(buffer), problems))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Reading> reading(Value value, double number, ReadProblems problems) {
        if (Double.isNaN(number)) {
            problems.reject(ReadProblems.OVER_RANGE);
        }
        boolean known = !Double.isNaN(number) && number != Conversion.ABSENT;
        return known ? Optional.of(new Reading(value.metric(), value.labels(), number)) : Optional.empty();
    }
}
