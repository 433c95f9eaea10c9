package io.gpuagent.workload;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as its runtime describes it.
 *
 * @param name the runtime's name, without Docker's leading slash
 * @param runtime such as {@code docker} or {@code podman}
 * @param kubernetes null for a container that Kubernetes did not make, or whose labels do not say so
 */
public record ContainerDetails(
        String name,
        String runtime,
        String image,
        Map<String, String> labels,
        @Nullable KubernetesNames kubernetes) {

    public ContainerDetails {
        labels = Map.copyOf(labels);
    }

    /** The names by which Kubernetes knows a container. */
    public record KubernetesNames(String namespace, String pod, String container) {}
}
