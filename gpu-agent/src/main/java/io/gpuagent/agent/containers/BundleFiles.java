package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads OCI bundles: one directory per container with {@code config.json} in it (containerd) or in its subdirectory {@code userdata}
 * (CRI-O). With containerd, bundles are grouped in one directory per containerd namespace.
 */
final class BundleFiles implements ContainerFiles {

    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");

    /** The namespaces of containerd's CRI plugin and of nerdctl, for a directory that this process may not list. */
    private static final List<String> USUAL_NAMESPACES = List.of("k8s.io", "default");

    @Override
    public String name() {
        return "oci";
    }

    @Override
    public Set<ContainerRuntime> runtimes() {
        return Set.of(ContainerRuntime.CONTAINERD, ContainerRuntime.CRI_O);
    }

    @Override
    public Optional<ContainerDetails> read(Path directory, Workload.Named owner) throws IOException {
        if (owner instanceof Workload.Container container) {
            return ofContainer(directory, container);
        }
        return owner instanceof Workload.Pod pod ? ofPod(directory, pod.uid()) : Optional.empty();
    }

    private static Optional<ContainerDetails> ofContainer(Path directory, Workload.Container container)
            throws IOException {
        Optional<ContainerDetails> direct = details(directory.resolve(container.id()), container);
        if (direct.isPresent()) {
            return direct;
        }
        for (Path namespace : namespaces(directory)) {
            Optional<ContainerDetails> details = details(namespace.resolve(container.id()), container);
            if (details.isPresent()) {
                return details;
            }
        }
        return Optional.empty();
    }

    /** Any container of the pod has the pod's name. An unreadable one is reported only if no other matches: it may belong to another pod. */
    private static Optional<ContainerDetails> ofPod(Path directory, String uid) throws IOException {
        @Nullable JsonProcessingException unreadable = null;
        for (Path bundle : bundles(directory)) {
            try {
                Optional<ContainerDetails> details = details(bundle);
                if (details.isPresent() && isIn(uid, details.get())) {
                    return details;
                }
            } catch (JsonProcessingException e) {
                unreadable = e;
            }
        }
        if (unreadable != null) {
            throw unreadable;
        }
        return Optional.empty();
    }

    private static Optional<ContainerDetails> details(Path bundle) throws IOException {
        Optional<String> text = config(bundle);
        return text.isEmpty() ? Optional.empty() : OciBundle.parse(text.get()).details();
    }

    /** The details of a bundle that was created at the container's path, if it has one. {@code ctr} names only by the id. */
    private static Optional<ContainerDetails> details(Path bundle, Workload.Container container) throws IOException {
        Optional<String> text = config(bundle);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        OciBundle config = OciBundle.parse(text.get());
        if (!container.path().isEmpty() && !config.cgroupsPath().equals(container.path())) {
            return Optional.empty();
        }
        return container.isGuess() ? Optional.of(config.details().orElse(unnamed(container))) : config.details();
    }

    private static ContainerDetails unnamed(Workload.Container container) {
        return new ContainerDetails(container.id(), ContainerRuntime.CONTAINERD, "", Map.of(), null);
    }

    private static boolean isIn(String podUid, ContainerDetails details) {
        KubernetesNames names = details.kubernetes();
        return names != null && podUid.equals(names.podUid());
    }

    private static Optional<String> config(Path bundle) throws IOException {
        Optional<String> direct = ContainerFiles.text(bundle.resolve("config.json"));
        return direct.isPresent() ? direct : ContainerFiles.text(bundle.resolve("userdata/config.json"));
    }

    /** The namespace directories. A containers/storage directory has none: its bundles lie directly below it. */
    private static List<Path> namespaces(Path directory) throws IOException {
        try {
            return BundleDirectories.children(directory, "*").stream()
                    .filter(child -> !CONTAINER_ID
                                    .matcher(child.getFileName().toString())
                                    .matches()
                            && Files.isDirectory(child))
                    .toList();
        } catch (AccessDeniedException e) {
            return USUAL_NAMESPACES.stream().map(directory::resolve).toList();
        }
    }

    @Override
    public long count(Path directory) throws IOException {
        return bundles(directory).size();
    }

    private static List<Path> bundles(Path directory) throws IOException {
        List<Path> bundles = new ArrayList<>();
        for (Path child : BundleDirectories.children(directory, "*")) {
            List<Path> candidates = isBundle(child) ? List.of(child) : BundleDirectories.children(child, "*");
            candidates.stream().filter(BundleFiles::isBundle).forEach(bundles::add);
        }
        return bundles;
    }

    private static boolean isBundle(Path directory) {
        return Files.exists(directory.resolve("config.json"))
                || Files.exists(directory.resolve("userdata/config.json"));
    }
}
