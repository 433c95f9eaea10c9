package io.gpuagent.workload;

/** Looks up container ids. */
@FunctionalInterface
public interface ContainerDirectory {

    /** A directory without any source: every name is unknown. */
    ContainerDirectory NONE = container -> new ContainerLookup.Unknown(ContainerLookup.Reason.OFF);

    /**
     * Returns what is currently known about a container. If the id is a pod UID, any container of that pod is returned,
     * for the pod's name. Never blocks: an unknown id is looked up in the background. Thread-safe.
     */
    ContainerLookup find(Workload.Container container);
}
