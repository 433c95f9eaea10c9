package io.gpuagent.simulation;

import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ProcessList;
import java.util.List;
import java.util.Optional;

/** A GPU of a simulated node. */
final class SimulatedGpu implements Gpu {

    private final RunningScenario scenario;
    private final MetricSelection selection;
    private final GpuIdentity identity;
    private final SimulatedEnergy energy;
    private final Faults faults;

    /** The processes in the last readable list. */
    private List<Statement> lastProcesses = List.of();

    SimulatedGpu(RunningScenario scenario, MetricSelection selection, GpuIdentity identity) {
        this.scenario = scenario;
        this.selection = selection;
        this.identity = identity;
        this.energy = new SimulatedEnergy(identity.index());
        this.faults = new Faults(scenario, identity.index());
    }

    @Override
    public GpuIdentity identity() {
        return identity;
    }

    @Override
    public Optional<String> callInProgress() {
        return faults.inProgress();
    }

    @Override
    public GpuSample read() throws GpuUnavailableException {
        SimulatedSample current = new SimulatedSample(scenario.now(), identity, faults, selection);
        GpuSample sample = current.read(lastProcesses, energy);
        if (sample.processes() instanceof ProcessList.Known) {
            lastProcesses = current.processes();
        }
        return sample;
    }
}
