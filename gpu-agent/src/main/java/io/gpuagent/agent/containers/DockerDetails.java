package io.gpuagent.agent.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ContainerConfig;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Docker's answer about a container, as the directory tells it. */
final class DockerDetails {

    private DockerDetails() {}

    /** Empty if the answer has no name. */
    static Optional<ContainerDetails> of(InspectContainerResponse answer, String runtime) {
        String path = answer.getName() == null ? "" : answer.getName();
        String name = path.startsWith("/") ? path.substring(1) : path;
        if (name.isEmpty()) {
            return Optional.empty();
        }
        @Nullable ContainerConfig config = answer.getConfig();
        String image = config == null || config.getImage() == null ? "" : config.getImage();
        Map<String, String> labels =
                config == null || config.getLabels() == null ? Map.of() : present(config.getLabels());
        return Optional.of(new ContainerDetails(
                name,
                runtime,
                image,
                labels,
                KubernetesNames.of(labels)
                        .or(() -> KubernetesNames.ofRuntimeName(name))
                        .orElse(null)));
    }

    private static Map<String, String> present(Map<String, String> labels) {
        return labels.entrySet().stream()
                .filter(label -> label.getKey() != null && label.getValue() != null)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
