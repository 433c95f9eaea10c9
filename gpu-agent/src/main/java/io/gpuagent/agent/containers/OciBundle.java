package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadRules;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code config.json} of an OCI bundle (runtime-spec, config.md), with the annotations of containerd's CRI plugin
 * (pkg/cri/annotations), nerdctl and CRI-O (pkg/annotations).
 *
 * @param annotations the annotations whose value is not null
 * @param cgroupsPath {@code slice:prefix:id} with the systemd cgroup driver, else a path; empty if there is none
 */
record OciBundle(Map<String, String> annotations, String cgroupsPath) {

    private static final String CONTAINERD = "io.kubernetes.cri.";
    private static final String CRI_O = "io.kubernetes.cri-o.";

    /** PATH_MAX of linux/limits.h, in bytes. */
    private static final int LONGEST_PATH = 4096;

    /** The name that dockershim gave to the container that only holds a pod's namespaces. */
    private static final String SANDBOX = "POD";

    private record Config(
            @Nullable Map<String, @Nullable String> annotations,
            @Nullable Linux linux) {}

    private record Linux(@Nullable String cgroupsPath) {}

    /** @throws JsonProcessingException if the text is not a valid config.json, for example only half written */
    static OciBundle parse(String text) throws JsonProcessingException {
        Config config = ContainerFiles.JSON.readValue(text, Config.class);
        String path =
                config == null || config.linux() == null ? null : config.linux().cgroupsPath();
        return new OciBundle(
                config == null ? Map.of() : ContainerFiles.present(config.annotations()),
                Objects.requireNonNullElse(path, ""));
    }

    /** The container's details; empty if the bundle has no name: Docker and Podman keep names elsewhere. */
    Optional<ContainerDetails> details() {
        // Podman also writes some of CRI-O's annotations, but no name.
        return annotation("io.container.manager").equals("libpod")
                ? Optional.empty()
                : criO().or(this::containerd).or(this::nerdctl);
    }

    private Optional<ContainerDetails> criO() {
        String name = annotation(CRI_O + "ContainerName");
        Map<String, String> labels = labels(annotation(CRI_O + "Labels"));
        return KubernetesNames.of(annotations)
                .or(() -> KubernetesNames.of(labels))
                .or(() -> KubernetesNames.ofRuntimeName(name))
                .map(names -> names.withPod(pod()))
                .map(names -> new ContainerDetails(
                        name.isEmpty() ? names.runtimeName() : name,
                        ContainerRuntime.CRI_O,
                        imageOfCriO(),
                        labels,
                        names));
    }

    private String imageOfCriO() {
        return Stream.of("UserRequestedImage", "ImageName", "Image")
                .map(key -> annotation(CRI_O + key))
                .filter(image -> !image.isEmpty())
                .findFirst()
                .orElse("");
    }

    private Optional<ContainerDetails> containerd() {
        boolean sandbox = annotation(CONTAINERD + "container-type").equals("sandbox");
        String container = sandbox ? SANDBOX : annotation(CONTAINERD + "container-name");
        String pod = annotation(CONTAINERD + "sandbox-name");
        String namespace = annotation(CONTAINERD + "sandbox-namespace");
        if (container.isEmpty() || pod.isEmpty() || namespace.isEmpty()) {
            return Optional.empty();
        }
        String uid = annotation(CONTAINERD + "sandbox-uid");
        KubernetesNames names =
                new KubernetesNames(namespace, pod, container, uid.isEmpty() ? null : uid, null).withPod(pod());
        String image = annotation(CONTAINERD + "image-name");
        return Optional.of(
                new ContainerDetails(names.runtimeName(), ContainerRuntime.CONTAINERD, image, Map.of(), names));
    }

    private Optional<ContainerDetails> nerdctl() {
        String name = annotation("nerdctl/name");
        return name.isEmpty()
                ? Optional.empty()
                : Optional.of(new ContainerDetails(name, ContainerRuntime.CONTAINERD, "", Map.of(), null));
    }

    /** The pod that the cgroup path names. A path longer than the kernel allows is ignored: parsing it could exhaust the heap. */
    private Workload.@Nullable Container pod() {
        if (cgroupsPath.length() > LONGEST_PATH) {
            return null;
        }
        return WorkloadRules.workload("0::/" + cgroupsPath.replace("\n", "")).orElse(null)
                        instanceof Workload.Container container
                ? container
                : null;
    }

    private String annotation(String key) {
        return annotations.getOrDefault(key, "");
    }

    /** CRI-O stores all labels in one annotation, as JSON. */
    private static Map<String, String> labels(String json) {
        try {
            return json.isEmpty()
                    ? Map.of()
                    : ContainerFiles.present(
                            ContainerFiles.JSON.readValue(json, new TypeReference<Map<String, @Nullable String>>() {}));
        } catch (JsonProcessingException e) {
            return Map.of();
        }
    }
}
