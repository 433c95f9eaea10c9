package io.gpuagent.nvml;

import io.gpuagent.device.Reading;
import io.gpuagent.nvml.binding.Gpm;
import io.gpuagent.nvml.binding.Gpm.Sample;
import io.gpuagent.nvml.binding.NativeMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples the activity metrics of all GPUs in turn, about once a second, with NVML's GPU Performance Monitoring (GPM).
 * If a call hangs, all GPUs lose their activity readings, but no other readings. GPUs in MIG mode are skipped: NVML
 * reports their activity per MIG instance only. GPM uses hardware counters that profilers also use (Syllo/nvtop
 * PR#483), so it is off by default.
 */
final class ActivitySampler extends SessionThread {

    /** How often the thread checks whether the session was retired. */
    private static final long STEP_MILLIS = 200;

    private static final int STEPS = 5;

    private final Gpm gpm;
    private final NativeMemory buffer = Gpm.newBuffer();
    private final Map<NvmlGpu, Pair> pairs = new HashMap<>();

    /** The two newest samples of a device. Each new sample overwrites the older one. */
    private static final class Pair {

        private Sample older = new Sample();
        private Sample newer = new Sample();
        private boolean supported = true;
        private boolean started;

        void swap() {
            Sample last = newer;
            newer = older;
            older = last;
        }
    }

    ActivitySampler(Session session) {
        super(session);
        this.gpm = session.nvml.gpm();
    }

    @Override
    void serve() {
        while (!session.isRetired()) {
            List<NvmlGpu> current = gpus;
            List.copyOf(pairs.keySet()).stream()
                    .filter(gpu -> !current.contains(gpu))
                    .forEach(this::freeSamples);
            current.forEach(this::sample);
            // The pause starts after the last GPU was sampled. This keeps the samples of a GPU far enough apart,
            // however slow the other GPUs are.
            for (int step = 0; step < STEPS && !session.isRetired(); step++) {
                pause(System.nanoTime(), STEP_MILLIS);
            }
        }
        List.copyOf(pairs.keySet()).forEach(this::freeSamples);
    }

    private void freeSamples(NvmlGpu gpu) {
        Pair pair = pairs.remove(gpu);
        if (pair != null) {
            gpm.free(pair.older);
            gpm.free(pair.newer);
        }
    }

    private void sample(NvmlGpu gpu) {
        Pair pair = pairs.computeIfAbsent(gpu, unused -> new Pair());
        ReadProblems problems = new ReadProblems();
        List<Reading> readings = List.of();
        try {
            if (gpu.hasMig()) {
                pair.started = false;
                pair.supported = true;
            } else if (pair.supported && !session.isRetired()) {
                readings = takeSample(gpu, pair, problems);
            }
        } catch (CallFailedException e) {
            pair.started = false;
            pair.supported = !e.unsupported();
            if (pair.supported) {
                problems.add(e.fault);
            }
        }
        gpu.publishActivity(readings, problems);
    }

    private List<Reading> takeSample(NvmlGpu gpu, Pair pair, ReadProblems problems) throws CallFailedException {
        if (!pair.newer.isAllocated()) {
            allocate(gpu, pair);
        }
        CallFailedException.check(Gpm.SAMPLE, gpm.take(gpu.calls.handle, pair.older));
        pair.swap();
        if (!pair.started) {
            pair.started = true;
            return List.of();
        }
        CallFailedException.check(Gpm.METRICS, gpm.metrics(pair.older, pair.newer, buffer));
        return Readings.convert(buffer, Gpm.VALUES, problems);
    }

    private void allocate(NvmlGpu gpu, Pair pair) throws CallFailedException {
        CallFailedException.check(Gpm.SUPPORT, gpm.supports(gpu.calls.handle, buffer));
        for (Sample sample : List.of(pair.older, pair.newer)) {
            if (!sample.isAllocated()) {
                CallFailedException.check(Gpm.ALLOC, gpm.alloc(sample));
            }
        }
    }
}
