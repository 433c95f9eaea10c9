package io.gpuagent.workload;

/** Looks up the names of containers and pods. */
@FunctionalInterface
public interface ContainerDirectory {

    /** A directory without any source: every name is unknown. */
    ContainerDirectory NONE = owner -> new ContainerLookup.Unknown(ContainerLookup.Reason.OFF);

    /**
     * Returns what is currently known about a container, or about any container of a pod, which has the pod's name.
     * Never blocks: an unknown id is looked up in the background. Thread-safe.
     */
    ContainerLookup find(Workload.Named owner);
}
