package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the index files of containers/storage, in which Podman and CRI-O keep container names. A renamed container has its new name in
 * {@code names} and its old one in {@code metadata}.
 */
final class StorageFiles implements ContainerFiles {

    /** The second index has the containers that do not survive a reboot. */
    private static final List<String> INDICES = List.of("containers.json", "volatile-containers.json");

    @Override
    public String name() {
        return "storage";
    }

    @Override
    public Set<ContainerRuntime> runtimes() {
        return Set.of(ContainerRuntime.PODMAN, ContainerRuntime.CRI_O);
    }

    @Override
    public Optional<ContainerDetails> read(Path directory, Workload.Named owner) throws IOException {
        Path bundle = directory.resolve(owner.id()).resolve("userdata/config.json");
        if (owner instanceof Workload.Container container
                && !container.path().isEmpty()
                && !OciBundle.parse(ContainerFiles.text(bundle).orElse("{}"))
                        .cgroupsPath()
                        .equals(container.path())) {
            return Optional.empty();
        }
        return entries(directory).stream()
                .filter(entry -> owner.id().equals(entry.path("id").asText())
                        && entry.path("names").path(0).isTextual())
                .map(StorageFiles::details)
                .findFirst();
    }

    @Override
    public long count(Path directory) throws IOException {
        return entries(directory).size();
    }

    private static List<JsonNode> entries(Path directory) throws IOException {
        List<JsonNode> entries = new ArrayList<>();
        for (String index : INDICES) {
            JSON.readTree(ContainerFiles.text(directory.resolve(index)).orElse(""))
                    .forEach(entries::add);
        }
        return entries;
    }

    private static ContainerDetails details(JsonNode entry) {
        String name = entry.path("names").path(0).asText();
        KubernetesNames names = KubernetesNames.ofRuntimeName(name).orElse(null);
        String image = image(entry.path("metadata").asText());
        return new ContainerDetails(
                name, names == null ? ContainerRuntime.PODMAN : ContainerRuntime.CRI_O, image, Map.of(), names);
    }

    /** The image name in the runtime's metadata, which is a JSON document in a string. */
    private static String image(String metadata) {
        try {
            return JSON.readTree(metadata).path("image-name").asText();
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
