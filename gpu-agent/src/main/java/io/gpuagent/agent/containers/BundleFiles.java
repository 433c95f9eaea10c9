package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * OCI bundles: a directory for each container, with {@code config.json} in it (containerd) or in its {@code userdata} (CRI-O), directly
 * or, for containerd, in a directory for each namespace.
 */
final class BundleFiles implements ContainerFiles {

    private static final Pattern CONTAINER_ID = Pattern.compile("[0-9a-f]{64}");
    private static final List<String> CONFIGS = List.of("config.json", "userdata/config.json");

    /** Of containerd's CRI plugin and of nerdctl: found also where the directory may not be listed. */
    private static final List<String> USUAL_NAMESPACES = List.of("k8s.io", "default");

    @Override
    public String name() {
        return "oci";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("containerd", "cri-o");
    }

    @Override
    public Optional<ContainerDetails> read(Path directory, String id) throws IOException {
        List<Path> parents = new ArrayList<>(List.of(directory));
        parents.addAll(namespaces(directory));
        for (Path parent : parents) {
            for (String config : CONFIGS) {
                Optional<String> text = ContainerFiles.text(parent.resolve(id).resolve(config));
                if (text.isPresent()) {
                    return OciBundle.parse(text.get()).details();
                }
            }
        }
        return Optional.empty();
    }

    /** Where bundles lie directly below the directory there are none. */
    private static List<Path> namespaces(Path directory) throws IOException {
        try {
            return BundleDirectories.children(directory, "*").stream()
                    .filter(child -> !CONTAINER_ID
                            .matcher(child.getFileName().toString())
                            .matches())
                    .toList();
        } catch (AccessDeniedException e) {
            return USUAL_NAMESPACES.stream().map(directory::resolve).toList();
        }
    }

    @Override
    public long count(Path directory) throws IOException {
        long count = 0;
        for (Path child : BundleDirectories.children(directory, "*")) {
            List<Path> bundles = isBundle(child) ? List.of(child) : BundleDirectories.children(child, "*");
            count += bundles.stream().filter(BundleFiles::isBundle).count();
        }
        return count;
    }

    private static boolean isBundle(Path directory) {
        return Stream.of(CONFIGS).flatMap(List::stream).anyMatch(config -> Files.exists(directory.resolve(config)));
    }
}
