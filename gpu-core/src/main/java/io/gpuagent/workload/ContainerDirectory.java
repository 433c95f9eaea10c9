package io.gpuagent.workload;

/** Tells what a container id stands for. */
@FunctionalInterface
public interface ContainerDirectory {

    /** A directory for a node whose containers cannot be looked up: every name stays unknown. */
    ContainerDirectory NONE = container -> new ContainerLookup.Unknown(ContainerLookup.Reason.OFF);

    /**
     * What is known of the container now. The id may be the UID of its pod: then any container of that pod is meant, for the pod's own
     * name. Never blocks, whatever the container runtime does: an id seen for the first time is looked
     * up in the background. Called from any thread.
     */
    ContainerLookup find(Workload.Container container);
}
