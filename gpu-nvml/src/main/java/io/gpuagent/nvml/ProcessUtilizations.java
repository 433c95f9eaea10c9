package io.gpuagent.nvml;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.nvml.binding.UtilizationFunction.Sample;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The utilization of a device's engines per process. The driver keeps samples in a ring buffer. Each call requests the
 * samples that are newer than the newest one known.
 *
 * <p>The timestamps may be times of day or times since boot (polarsignals/gpu-metrics-agent PR#37), so they are only
 * compared with each other. The first call returns the whole ring buffer, including samples of processes that have
 * ended. It is used only to find the newest timestamp.
 */
final class ProcessUtilizations {

    /**
     * Samples up to this age count even if the sample interval is shorter. The driver's own sampling period may be this
     * long (nvml.h).
     */
    private static final long MAX_AGE_MICROS = 1_000_000;

    /**
     * Time without a new sample after which the whole ring buffer is requested again. If the driver's clock was set
     * back, new samples look old, and the device would appear to be idle.
     */
    private static final long MAX_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final UtilizationSamples samples;
    private final LongSupplier nanoTime;

    private boolean started;
    private long newest;
    private long readAt;
    private long lastSampleAt;

    /** @param nanoTime a monotonic clock */
    ProcessUtilizations(DeviceCalls calls, LongSupplier nanoTime) {
        this.samples = new UtilizationSamples(calls);
        this.nanoTime = nanoTime;
    }

    /**
     * Returns the utilization since the last call. Null at the first call, with MIG, and if the device does not report
     * utilization.
     */
    @Nullable
    ProcessUtilization read(boolean mig, ReadProblems problems) throws GpuUnavailableException {
        if (mig) {
            started = false;
            return null;
        }
        long now = nanoTime.getAsLong();
        boolean restart = !started || now - lastSampleAt > MAX_SILENCE_NANOS;
        List<Sample> ring = samples.after(restart ? 0 : newest, problems);
        if (ring == null) {
            return null;
        }
        if (ring.isEmpty()) {
            update(restart ? 0 : newest, now, restart);
            return ProcessUtilization.IDLE;
        }
        return evaluate(ring, now, restart, problems);
    }

    private @Nullable ProcessUtilization evaluate(List<Sample> ring, long now, boolean restart, ReadProblems problems) {
        long latest = ring.stream().mapToLong(Sample::micros).max().orElseThrow();
        long oldest = Math.max(newest, latest - Math.max(MAX_AGE_MICROS, 2 * (now - readAt) / 1000));
        boolean comparable = started && latest >= newest;
        List<Sample> fresh =
                ring.stream().filter(sample -> sample.micros() > oldest).toList();
        update(restart ? latest : Math.max(newest, latest), now, restart || !fresh.isEmpty());
        return comparable || !restart ? averages(fresh, problems) : null;
    }

    private void update(long time, long now, boolean hasSamples) {
        started = true;
        newest = time;
        readAt = now;
        lastSampleAt = hasSamples ? now : lastSampleAt;
    }

    private static ProcessUtilization averages(List<Sample> fresh, ReadProblems problems) {
        List<Sample> valid = fresh.stream()
                .filter(sample -> RunningProcesses.isPossiblePid(sample.pid()))
                .toList();
        problems.reject(ReadProblems.INVALID_PID, fresh.size() - valid.size());
        Map<Integer, Map<Engine, Double>> ratios = new HashMap<>();
        valid.stream()
                .collect(Collectors.groupingBy(Sample::pid))
                .forEach((pid, samples) -> ratios.put(pid, averagesOf(samples, problems)));
        return new ProcessUtilization(ratios);
    }

    private static Map<Engine, Double> averagesOf(List<Sample> samples, ReadProblems problems) {
        Map<Engine, Double> averages = new EnumMap<>(Engine.class);
        for (Engine engine : Engine.values()) {
            long[] valid = samples.stream()
                    .mapToLong(
                            sample -> Integer.toUnsignedLong(sample.percents().get(engine.ordinal())))
                    .filter(percent -> percent <= 100)
                    .toArray();
            problems.reject(ReadProblems.OVER_RANGE, samples.size() - valid.length);
            LongStream.of(valid).average().ifPresent(percent -> averages.put(engine, percent / 100));
        }
        return averages;
    }
}
