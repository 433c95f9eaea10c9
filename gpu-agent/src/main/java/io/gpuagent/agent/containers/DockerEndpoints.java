package io.gpuagent.agent.containers;

import com.github.dockerjava.core.RemoteApiVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where Docker's API may be, and how it is spoken to.
 *
 * @param name of the source that asks there, as the label {@code source} has it
 * @param automatic whether nobody named the places, so that finding nothing there is no trouble
 * @param candidates {@code unix:} and {@code tcp:} addresses in the order in which they are tried; none if Docker is not to be asked
 * @param certificates the directory with ca.pem, cert.pem and key.pem for TLS over TCP; null for plain TCP
 * @param apiVersion the version that DOCKER_API_VERSION demands; null to agree on one with the daemon
 */
public record DockerEndpoints(
        String name,
        boolean automatic,
        List<URI> candidates,
        @Nullable Path certificates,
        @Nullable String apiVersion) {

    private static final System.Logger LOG = System.getLogger(DockerEndpoints.class.getName());
    private static final List<String> WELL_KNOWN_SOCKETS = List.of("/var/run/docker.sock", "/run/docker.sock");
    private static final String PODMAN_SOCKET = "/run/podman/podman.sock";
    private static final Set<String> FALSE = Set.of("", "0", "false", "no", "off");

    public DockerEndpoints {
        candidates = List.copyOf(candidates);
    }

    /**
     * What the flag {@code --docker.host} means: {@code off}, {@code unix:///path}, {@code tcp://host[:port]}, or {@code auto}:
     * DOCKER_HOST, then the well-known sockets below the root of the host's files and below ours, then tcp://127.0.0.1:2375. A
     * DOCKER_HOST that we cannot speak to, such as ssh, is said in the log and passed over.
     *
     * @param environment may have DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_API_VERSION and HOME
     * @throws IllegalArgumentException if the flag or DOCKER_API_VERSION makes no sense; the message names it and its value
     */
    public static DockerEndpoints of(String flag, Map<String, String> environment, Path rootfs) {
        boolean tls = !FALSE.contains(told(environment, "DOCKER_TLS_VERIFY").toLowerCase(Locale.ROOT));
        List<URI> candidates = switch (flag) {
            case "off" -> List.of();
            case "auto" -> automatic(environment, rootfs, tls);
            default -> List.of(parse("--docker.host", flag, tls));
        };
        return new DockerEndpoints(
                "docker",
                flag.equals("auto"),
                candidates,
                tls ? certificates(environment) : null,
                apiVersion(environment));
    }

    /** Where Podman's service listens for root. */
    static DockerEndpoints podman(Path rootfs) {
        return new DockerEndpoints("podman", true, sockets(rootfs, List.of(PODMAN_SOCKET)), null, null);
    }

    /** Whether Docker is not to be asked at all. */
    public boolean isOff() {
        return candidates.isEmpty();
    }

    /** A candidate as {@code --docker.host} takes it. */
    static String text(URI candidate) {
        return "unix".equals(candidate.getScheme()) ? "unix://" + candidate.getPath() : candidate.toString();
    }

    private static List<URI> automatic(Map<String, String> environment, Path rootfs, boolean tls) {
        List<URI> candidates = new ArrayList<>();
        String told = told(environment, "DOCKER_HOST");
        if (!told.isEmpty()) {
            try {
                candidates.add(parse("DOCKER_HOST", told, tls));
            } catch (IllegalArgumentException e) {
                LOG.log(System.Logger.Level.WARNING, "{0}; passed over", e.getMessage());
            }
        }
        candidates.addAll(sockets(rootfs, WELL_KNOWN_SOCKETS));
        candidates.add(URI.create("tcp://127.0.0.1:2375"));
        return candidates.stream().distinct().toList();
    }

    private static String told(Map<String, String> environment, String variable) {
        return environment.getOrDefault(variable, "").strip();
    }

    /** Below the root of the host's files, and below ours. */
    private static List<URI> sockets(Path rootfs, List<String> paths) {
        return Stream.of(rootfs, Path.of("/"))
                .flatMap(root -> paths.stream().map(path -> root.resolve(path.substring(1))))
                .map(socket -> unix(socket.toAbsolutePath().normalize().toString()))
                .distinct()
                .toList();
    }

    private static URI parse(String origin, String value, boolean tls) {
        if (value.startsWith("unix:///")) {
            return unix(value.substring("unix://".length()));
        }
        try {
            URI uri = new URI(value);
            if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() <= 65_535) {
                int port = uri.getPort() > 0 ? uri.getPort() : tls ? 2376 : 2375;
                return new URI("tcp", null, uri.getHost(), port, uri.getPath(), null, null);
            }
        } catch (URISyntaxException e) {
            // said below, as all that is not an address
        }
        String more = origin.startsWith("--") ? ", auto or off" : "";
        throw new IllegalArgumentException(origin + "=" + value + ": expected unix:///path or tcp://host:port" + more);
    }

    private static URI unix(String path) {
        try {
            return new URI("unix", null, path, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(path, e);
        }
    }

    private static Path certificates(Map<String, String> environment) {
        String told = told(environment, "DOCKER_CERT_PATH");
        return told.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/"), ".docker") : Path.of(told);
    }

    private static @Nullable String apiVersion(Map<String, String> environment) {
        String told = told(environment, "DOCKER_API_VERSION");
        try {
            return told.isEmpty() ? null : RemoteApiVersion.parseConfig(told).getVersion();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("DOCKER_API_VERSION=" + told + ": expected a version such as 1.44", e);
        }
    }
}
