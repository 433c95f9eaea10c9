package io.gpuagent.nvml;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Reading;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.ReadTable;
import io.gpuagent.nvml.binding.ReadTable.Row;
import io.gpuagent.nvml.binding.ReadTable.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A device's values by {@link ReadTable}. */
final class Readings {

    private static final byte UNWRITTEN = (byte) 0xFF;

    /** A metric with its labels. */
    private record Series(DeviceMetric metric, List<String> labels) {}

    private final DeviceCalls calls;
    private final NativeMemory answer = new NativeMemory(128);

    Readings(DeviceCalls calls) {
        this.calls = calls;
    }

    List<Reading> read(Findings findings) throws GpuUnavailableException {
        List<Reading> readings = new ArrayList<>();
        Set<Series> answered = new HashSet<>();
        for (Row row : ReadTable.ROWS) {
            List<Value> wanted = row.values().stream()
                    .filter(value -> !answered.contains(new Series(value.metric(), value.labels())))
                    .toList();
            if (!wanted.isEmpty() && succeeds(row, findings)) {
                wanted.forEach(value -> answered.add(new Series(value.metric(), value.labels())));
                wanted.forEach(value -> take(value, readings, findings));
            }
        }
        return readings;
    }

    private boolean succeeds(Row row, Findings findings) throws GpuUnavailableException {
        // A driver that answers SUCCESS and writes nothing must not repeat the answer of the call before.
        answer.fill(UNWRITTEN);
        int code = calls.call(row.function(), answer);
        findings.answered(row.function(), code);
        return code == ReturnCode.SUCCESS;
    }

    private void take(Value value, List<Reading> readings, Findings findings) {
        double converted = value.conversion().of(answer.int32(value.offset()));
        if (Double.isNaN(converted)) {
            findings.reject(Findings.OVER_RANGE);
        } else {
            readings.add(new Reading(value.metric(), value.labels(), converted));
        }
    }
}
