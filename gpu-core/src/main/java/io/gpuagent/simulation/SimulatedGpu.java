package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ProcessList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A simulated GPU. */
final class SimulatedGpu implements Gpu {

    private final RunningScenario scenario;
    private final MetricSelection selection;
    private final GpuIdentity identity;
    private final @Nullable CallFault lost;
    private final SimulatedEnergy energy;
    private volatile SimulatedCalls calls;

    /** The processes of the last readable list. */
    private List<Statement> lastProcesses = List.of();

    /** @param lost why the GPU could not be opened; null if it could */
    SimulatedGpu(RunningScenario scenario, MetricSelection selection, GpuIdentity identity, @Nullable CallFault lost) {
        this.scenario = scenario;
        this.selection = selection;
        this.identity = identity;
        this.lost = lost;
        this.energy = new SimulatedEnergy(identity.index());
        this.calls = new SimulatedCalls(scenario, identity.index());
    }

    @Override
    public GpuIdentity identity() {
        return identity;
    }

    @Override
    public Optional<String> callInProgress() {
        return calls.inProgress();
    }

    @Override
    public GpuSample read() throws GpuUnavailableException {
        if (lost != null) {
            throw new GpuUnavailableException(lost);
        }
        calls = new SimulatedCalls(scenario, identity.index());
        SimulatedSample current = new SimulatedSample(scenario.now(), identity, calls, selection);
        GpuSample sample = current.read(lastProcesses, energy);
        if (sample.processes() instanceof ProcessList.Known) {
            lastProcesses = current.processes();
        }
        return sample;
    }
}
