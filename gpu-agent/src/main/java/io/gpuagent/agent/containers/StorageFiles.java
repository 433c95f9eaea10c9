package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The indices of containers/storage, in which Podman and CRI-O keep what their containers are called. A container that was renamed has
 * its new name among {@code names} and its old one in {@code metadata}.
 */
final class StorageFiles implements ContainerFiles {

    /** The second is of containers that a reboot ends. */
    private static final List<String> INDICES = List.of("containers.json", "volatile-containers.json");

    @Override
    public String name() {
        return "storage";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("podman", "cri-o");
    }

    @Override
    public Optional<ContainerDetails> read(Path directory, String id) throws IOException {
        for (String index : INDICES) {
            Optional<String> text = ContainerFiles.text(directory.resolve(index));
            Optional<ContainerDetails> details = text.isEmpty() ? Optional.empty() : details(text.get(), id);
            if (details.isPresent()) {
                return details;
            }
        }
        return Optional.empty();
    }

    @Override
    public long count(Path directory) throws IOException {
        long count = 0;
        for (String index : INDICES) {
            Optional<String> text = ContainerFiles.text(directory.resolve(index));
            count += text.isEmpty() ? 0 : JSON.readTree(text.get()).size();
        }
        return count;
    }

    static Optional<ContainerDetails> details(String text, String id) throws JsonProcessingException {
        return JSON.readTree(text)
                .valueStream()
                .filter(entry -> id.equals(entry.path("id").asText())
                        && entry.path("names").path(0).isTextual())
                .map(StorageFiles::details)
                .findFirst();
    }

    private static ContainerDetails details(JsonNode entry) {
        String name = entry.path("names").path(0).asText();
        KubernetesNames names = KubernetesNames.ofRuntimeName(name).orElse(null);
        String image = image(entry.path("metadata").asText());
        return new ContainerDetails(name, names == null ? "podman" : "cri-o", image, Map.of(), names);
    }

    /** The engine's own record, as JSON in a text. */
    private static String image(String metadata) {
        try {
            return JSON.readTree(metadata).path("image-name").asText();
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
