package io.gpuagent.usage;

import io.gpuagent.workload.ContainerDirectory;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.Workload;
import java.util.HashMap;
import java.util.Map;

/**
 * Queries a directory only once per container and tick, so that all parts of a snapshot use the same names. Not
 * thread-safe.
 */
final class TickDirectory implements ContainerDirectory {

    private final ContainerDirectory directory;
    private final Map<Workload.Named, ContainerLookup> answers = new HashMap<>();

    TickDirectory(ContainerDirectory directory) {
        this.directory = directory;
    }

    void beginTick() {
        answers.clear();
    }

    @Override
    public ContainerLookup find(Workload.Named owner) {
        return answers.computeIfAbsent(owner, directory::find);
    }
}
