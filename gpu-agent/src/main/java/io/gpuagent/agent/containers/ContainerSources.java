package io.gpuagent.agent.containers;

import io.gpuagent.agent.containers.BundleDirectories.Whose;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The places that are asked for container names, as the flags have them. */
public final class ContainerSources {

    private ContainerSources() {}

    /**
     * The sources in the order in which they are asked; none if all are off.
     *
     * @param dockerHost {@code auto}, {@code off} or an address
     * @param bundles {@code auto}, {@code off}, or directories separated by commas
     * @param environment may have DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_API_VERSION and HOME
     * @param rootfs the host's root directory
     * @throws IllegalArgumentException if a flag makes no sense; the message names it and its value
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
        // After Podman's service, which knows labels too.
        if (!directories.isOff()) {
            sources.add(new FileSource(new StorageFiles(), directories));
        }
        // Last, so that no user has the say over a container that the host's own can name.
        if (docker.automatic()) {
            sources.add(new RootlessSource(rootfs));
        }
        if (directories.whose() == Whose.HOST) {
            BundleDirectories ofUsers = directories.of(Whose.USERS);
            sources.add(new FileSource(new BundleFiles(), ofUsers));
            sources.add(new FileSource(new StorageFiles(), ofUsers));
        }
        return sources;
    }
}
