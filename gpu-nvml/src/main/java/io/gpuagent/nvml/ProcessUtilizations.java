package io.gpuagent.nvml;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.nvml.UtilizationSamples.Sample;
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
 * How busy processes keep a device. The driver keeps a ring of samples, and is asked for those after the newest that is known.
 *
 * <p>The times of samples are of a clock that may be the wall's or the time since boot (polarsignals/gpu-metrics-agent PR#37), so they are
 * only compared with each other. The first answer, the whole ring as it was left by whoever used the device last, tells no more than
 * where that clock stands.
 */
final class ProcessUtilizations {

    /** A sample may be as old as the driver's longest sampling window, whatever the interval. */
    private static final long FRESH_MICROS = 1_000_000;

    /** After so long without a new sample the clock may have been set back, which looks like a device that idles. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final UtilizationSamples samples;
    private final LongSupplier nanoTime;

    private boolean begun;
    private long newest;
    private long readAt;
    private long heardAt;

    /** @param nanoTime a monotonic clock */
    ProcessUtilizations(DeviceCalls calls, LongSupplier nanoTime) {
        this.samples = new UtilizationSamples(calls);
        this.nanoTime = nanoTime;
    }

    /** Null where the device does not tell, and the first time. */
    @Nullable
    ProcessUtilization read(boolean mig, ReadProblems findings) throws GpuUnavailableException {
        if (mig) {
            begun = false;
            return null;
        }
        long now = nanoTime.getAsLong();
        boolean anew = !begun || now - heardAt > SILENCE_NANOS;
        List<Sample> ring = samples.after(anew ? 0 : newest, findings);
        if (ring == null) {
            return null;
        }
        if (ring.isEmpty()) {
            follow(anew ? 0 : newest, now, anew);
            return ProcessUtilization.IDLE;
        }
        return taken(ring, now, anew, findings);
    }

    private @Nullable ProcessUtilization taken(List<Sample> ring, long now, boolean anew, ReadProblems findings) {
        long latest = ring.stream().mapToLong(Sample::micros).max().orElseThrow();
        long oldest = Math.max(newest, latest - Math.max(FRESH_MICROS, 2 * (now - readAt) / 1000));
        boolean comparable = begun && latest >= newest;
        List<Sample> fresh =
                ring.stream().filter(sample -> sample.micros() > oldest).toList();
        follow(anew ? latest : Math.max(newest, latest), now, anew || !fresh.isEmpty());
        return comparable || !anew ? averages(fresh, findings) : null;
    }

    private void follow(long time, long now, boolean heard) {
        begun = true;
        newest = time;
        readAt = now;
        heardAt = heard ? now : heardAt;
    }

    private static ProcessUtilization averages(List<Sample> fresh, ReadProblems findings) {
        List<Sample> possible = fresh.stream()
                .filter(sample -> RunningProcesses.isPossiblePid(sample.pid()))
                .toList();
        findings.reject(ReadProblems.INVALID_PID, fresh.size() - possible.size());
        Map<Integer, Map<Engine, Double>> ratios = new HashMap<>();
        possible.stream()
                .collect(Collectors.groupingBy(Sample::pid))
                .forEach((pid, samples) -> ratios.put(pid, averagesOf(samples, findings)));
        return new ProcessUtilization(ratios);
    }

    private static Map<Engine, Double> averagesOf(List<Sample> samples, ReadProblems findings) {
        Map<Engine, Double> averages = new EnumMap<>(Engine.class);
        for (Engine engine : Engine.values()) {
            long[] possible = samples.stream()
                    .mapToLong(sample -> sample.percents().get(engine.ordinal()))
                    .filter(percent -> percent <= 100)
                    .toArray();
            findings.reject(ReadProblems.OVER_RANGE, samples.size() - possible.length);
            LongStream.of(possible).average().ifPresent(percent -> averages.put(engine, percent / 100));
        }
        return averages;
    }
}
