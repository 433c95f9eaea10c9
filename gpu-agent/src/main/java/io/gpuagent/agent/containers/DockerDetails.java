package io.gpuagent.agent.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ContainerConfig;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerRuntime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Converts Docker's answer about a container. */
final class DockerDetails {

    private DockerDetails() {}

    /** Whether the daemon created the container at this cgroup path, by {@code --cgroup-parent}. An empty path is anywhere. */
    static boolean isAt(InspectContainerResponse answer, String path) {
        String parent =
                answer.getHostConfig() == null ? null : answer.getHostConfig().getCgroupParent();
        return path.isEmpty() || parent != null && parent.equals(path.substring(0, path.lastIndexOf('/')));
    }

    /** The details of the container; empty if the answer has no name. */
    static Optional<ContainerDetails> of(InspectContainerResponse answer, ContainerRuntime runtime) {
        String path = Objects.requireNonNullElse(answer.getName(), "");
        String name = path.startsWith("/") ? path.substring(1) : path;
        if (name.isEmpty()) {
            return Optional.empty();
        }
        ContainerConfig config = Objects.requireNonNullElseGet(answer.getConfig(), ContainerConfig::new);
        String image = Objects.requireNonNullElse(config.getImage(), "");
        Map<String, String> labels = ContainerFiles.present(config.getLabels());
        Optional<KubernetesNames> pod = KubernetesNames.of(labels).or(() -> KubernetesNames.ofRuntimeName(name));
        return Optional.of(new ContainerDetails(name, runtime, image, labels, pod.orElse(null)));
    }
}
