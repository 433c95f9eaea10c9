package io.gpuagent.workload;

import java.util.Locale;

/** A program that runs containers and names their cgroups. */
public enum ContainerRuntime {
    DOCKER,
    CONTAINERD,
    CRI_O,
    PODMAN,
    ECS,
    GARDEN,
    NOMAD,
    NSPAWN,
    LXC;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The value of the label {@code runtime}, such as {@code cri-o}. */
    public String label() {
        return label;
    }

    /**
     * Returns the runtime with this label.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ContainerRuntime of(String label) {
        for (ContainerRuntime runtime : values()) {
            if (runtime.label.equals(label)) {
                return runtime;
            }
        }
        throw new IllegalArgumentException(label + " is not a container runtime");
    }

    /** Whether a container's id is also its name, because the runtime assigns no other name. */
    boolean namesById() {
        return this == NSPAWN || this == NOMAD || this == GARDEN;
    }
}
