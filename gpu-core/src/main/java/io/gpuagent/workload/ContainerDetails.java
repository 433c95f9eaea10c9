package io.gpuagent.workload;

import java.util.Map;
import java.util.Optional;
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
    public record KubernetesNames(String namespace, String pod, String container) {

        /** The names among a container's labels, where the kubelet wrote them; all three or none. */
        public static Optional<KubernetesNames> of(Map<String, String> labels) {
            String namespace = labels.getOrDefault("io.kubernetes.pod.namespace", "");
            String pod = labels.getOrDefault("io.kubernetes.pod.name", "");
            String container = labels.getOrDefault("io.kubernetes.container.name", "");
            return namespace.isEmpty() || pod.isEmpty() || container.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new KubernetesNames(namespace, pod, container));
        }
    }
}
