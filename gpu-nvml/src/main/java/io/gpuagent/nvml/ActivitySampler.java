package io.gpuagent.nvml;

import io.gpuagent.device.Reading;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.Gpm;
import io.gpuagent.nvml.binding.Gpm.Sample;
import io.gpuagent.nvml.binding.NativeMemory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples the activity of the GPUs ("GPM"), one after the other, about once a second. A call that hangs costs all of them their activity and
 * none anything else. With MIG there is none: NVML tells it by instance then. It uses counters of the card that other profilers use, too
 * (Syllo/nvtop PR#483), so whoever wants it asks for it.
 */
final class ActivitySampler extends SessionThread {

    /** How often it is looked whether the session is over. */
    private static final long STEP_MILLIS = 200;

    private static final int STEPS = 5;

    private final Gpm gpm;
    private final NativeMemory answer = Gpm.answer();
    private final Map<NvmlGpu, Pair> pairs = new HashMap<>();

    /** A device's two samples, of which the older is taken anew. */
    private static final class Pair {

        private Sample older = new Sample();
        private Sample newer = new Sample();
        private boolean offered = true;
        private boolean begun;

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
    void work() {
        while (!session.isRetired()) {
            List<NvmlGpu> gpus = listed;
            List.copyOf(pairs.keySet()).stream()
                    .filter(gpu -> !gpus.contains(gpu))
                    .forEach(this::forget);
            gpus.forEach(this::sample);
            // After the round, not from its beginning: no device's samples are closer together, however slow the others
            // were.
            for (int step = 0; step < STEPS && !session.isRetired(); step++) {
                pause(System.nanoTime(), STEP_MILLIS);
            }
        }
        List.copyOf(pairs.keySet()).forEach(this::forget);
    }

    private void forget(NvmlGpu gpu) {
        Pair pair = pairs.remove(gpu);
        if (pair != null) {
            gpm.free(pair.older);
            gpm.free(pair.newer);
        }
    }

    private void sample(NvmlGpu gpu) {
        Pair pair = pairs.computeIfAbsent(gpu, unused -> new Pair());
        ReadProblems findings = new ReadProblems();
        List<Reading> readings = List.of();
        try {
            if (gpu.hasMig()) {
                pair.begun = false;
                pair.offered = true;
            } else if (pair.offered && !session.isRetired()) {
                readings = sampled(gpu, pair, findings);
            }
        } catch (RefusedException e) {
            pair.begun = false;
            pair.offered = !e.notOffered();
            if (pair.offered) {
                findings.add(e.fault);
            }
        }
        gpu.tellActivity(readings, findings);
    }

    private List<Reading> sampled(NvmlGpu gpu, Pair pair, ReadProblems findings) throws RefusedException {
        if (!pair.newer.isAllocated()) {
            allocate(gpu, pair);
        }
        RefusedException.check(Gpm.SAMPLE, gpm.take(gpu.calls.handle, pair.older));
        pair.swap();
        if (!pair.begun) {
            pair.begun = true;
            return List.of();
        }
        RefusedException.check(Gpm.METRICS, gpm.metrics(pair.older, pair.newer, answer));
        return Readings.in(answer, Gpm.VALUES, findings);
    }

    private void allocate(NvmlGpu gpu, Pair pair) throws RefusedException {
        RefusedException.check(Gpm.SUPPORT, gpm.supports(gpu.calls.handle, answer));
        if (answer.int32(4) == 0) {
            throw new RefusedException(Gpm.SUPPORT, ReturnCode.name(ReturnCode.NOT_SUPPORTED));
        }
        for (Sample sample : List.of(pair.older, pair.newer)) {
            if (!sample.isAllocated()) {
                RefusedException.check(Gpm.ALLOC, gpm.alloc(sample));
            }
        }
    }
}
