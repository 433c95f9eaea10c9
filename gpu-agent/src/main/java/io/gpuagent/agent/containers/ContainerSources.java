package io.gpuagent.agent.containers;

import io.gpuagent.agent.containers.BundleDirectories.Origin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Creates the container sources that the flags select. */
public final class ContainerSources {

    private ContainerSources() {}

    /**
     * The sources in the order in which they are queried; empty if all are off.
     *
     * @param dockerHost {@code auto}, {@code off} or an address
     * @param bundles {@code auto}, {@code off}, or directories separated by commas
     * @param environment DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_API_VERSION and HOME are used
     * @param rootfs the host's root directory
     * @throws IllegalArgumentException if a flag is invalid; the message names it and its value
     */
    public static List<ContainerSource> of(
            String dockerHost, String bundles, Map<String, String> environment, Path rootfs) {
        DockerEndpoints docker = DockerEndpoints.of(dockerHost, environment, rootfs);
        BundleDirectories directories = BundleDirectories.of(bundles, rootfs);
        List<ContainerSource> sources = new ArrayList<>();
        if (!directories.isOff()) {
            sources.add(new FileSource(new BundleFiles(), directories));
        }
        if (!docker.isOff()) {
            sources.add(new DockerSource(docker));
        }
        if (docker.automatic()) {
            sources.add(new DockerSource(DockerEndpoints.podman(rootfs)));
        }
        // These files come after Podman's API, which also returns labels.
        if (!directories.isOff()) {
            sources.add(new FileSource(new StorageFiles(), directories));
        }
        if (!directories.isOff() && Files.isDirectory(rootfs.resolve(ProxmoxFiles.DIRECTORY))) {
            BundleDirectories guests = new BundleDirectories(Origin.HOST, rootfs, List.of(ProxmoxFiles.DIRECTORY));
            sources.add(new FileSource(new ProxmoxFiles(), guests));
        }
        // Users' sources come last, so that a user cannot name a container that one of the host's own sources knows.
        if (docker.automatic()) {
            sources.add(new RootlessSource(rootfs));
        }
        if (directories.origin() == Origin.HOST) {
            BundleDirectories ofUsers = directories.of(Origin.USERS);
            sources.add(new FileSource(new BundleFiles(), ofUsers));
            sources.add(new FileSource(new StorageFiles(), ofUsers));
        }
        return sources;
    }
}
