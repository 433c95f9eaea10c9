package io.gpuagent.agent.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerConfig;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Docker's answers about a container, as the directory tells them. Empty where an answer has no name. */
final class DockerDetails {

    private DockerDetails() {}

    static Optional<ContainerDetails> of(InspectContainerResponse answer, String runtime) {
        @Nullable ContainerConfig config = answer.getConfig();
        return named(
                answer.getName() == null ? List.of() : List.of(answer.getName()),
                config == null ? null : config.getImage(),
                config == null ? null : config.getLabels(),
                runtime);
    }

    static Optional<ContainerDetails> of(Container row, String runtime) {
        return named(
                row.getNames() == null ? List.of() : Arrays.asList(row.getNames()),
                row.getImage(),
                row.getLabels(),
                runtime);
    }

    /** A linked container has more names, each below the name of the container that links to it. */
    private static Optional<ContainerDetails> named(
            List<String> names, @Nullable String image, @Nullable Map<String, String> labels, String runtime) {
        Map<String, String> present = labels == null ? Map.of() : withoutNulls(labels);
        return names.stream()
                .map(name -> name.startsWith("/") ? name.substring(1) : name)
                .filter(name -> !name.isEmpty() && name.indexOf('/') < 0)
                .findFirst()
                .map(name ->
                        new ContainerDetails(name, runtime, image == null ? "" : image, present, kubernetes(present)));
    }

    private static Map<String, String> withoutNulls(Map<String, String> labels) {
        return labels.entrySet().stream()
                .filter(label -> label.getKey() != null && label.getValue() != null)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The labels that the kubelet gives the containers it makes through dockershim or cri-dockerd. */
    private static @Nullable KubernetesNames kubernetes(Map<String, String> labels) {
        String namespace = labels.get("io.kubernetes.pod.namespace");
        String pod = labels.get("io.kubernetes.pod.name");
        String container = labels.get("io.kubernetes.container.name");
        return namespace == null || pod == null || container == null
                ? null
                : new KubernetesNames(namespace, pod, container);
    }
}
