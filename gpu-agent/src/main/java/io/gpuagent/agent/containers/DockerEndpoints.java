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
 * The possible addresses of Docker's API, and how to connect to them.
 *
 * @param name the name of the source in the metric label {@code source}
 * @param automatic whether the addresses are defaults, so that finding nothing there is not an error
 * @param candidates {@code unix:} and {@code tcp:} addresses in the order in which they are tried; empty if Docker is off
 * @param certificates the directory with ca.pem, cert.pem and key.pem for TLS over TCP; null for plain TCP
 * @param apiVersion the version that DOCKER_API_VERSION sets; null to negotiate one with the daemon
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
     * Parses the flag {@code --docker.host}: {@code off}, {@code unix:///path}, {@code tcp://host[:port]}, or {@code auto}: DOCKER_HOST,
     * then the standard sockets below the host's root and below the root of this process, then tcp://127.0.0.1:2375. A DOCKER_HOST with an
     * unsupported scheme, such as ssh, is logged and ignored.
     *
     * @param environment DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_API_VERSION and HOME are used
     * @throws IllegalArgumentException if the flag or DOCKER_API_VERSION is invalid; the message names it and its value
     */
    public static DockerEndpoints of(String flag, Map<String, String> environment, Path rootfs) {
        boolean tls = !FALSE.contains(variable(environment, "DOCKER_TLS_VERIFY").toLowerCase(Locale.ROOT));
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

    /** The socket of root's Podman service. */
    static DockerEndpoints podman(Path rootfs) {
        return new DockerEndpoints("podman", true, sockets(rootfs, List.of(PODMAN_SOCKET)), null, null);
    }

    /** The socket of a user's rootless daemon. */
    static DockerEndpoints user(Path socket) {
        return new DockerEndpoints("rootless", false, List.of(unix(socket.toString())), null, null);
    }

    /** Whether Docker is switched off. */
    public boolean isOff() {
        return candidates.isEmpty();
    }

    /** A candidate in the format of {@code --docker.host}. */
    static String text(URI candidate) {
        return "unix".equals(candidate.getScheme()) ? "unix://" + candidate.getPath() : candidate.toString();
    }

    private static List<URI> automatic(Map<String, String> environment, Path rootfs, boolean tls) {
        List<URI> candidates = new ArrayList<>();
        String value = variable(environment, "DOCKER_HOST");
        if (!value.isEmpty()) {
            try {
                candidates.add(parse("DOCKER_HOST", value, tls));
            } catch (IllegalArgumentException e) {
                LOG.log(System.Logger.Level.WARNING, "{0}; ignored", e.getMessage());
            }
        }
        candidates.addAll(sockets(rootfs, WELL_KNOWN_SOCKETS));
        candidates.add(URI.create("tcp://127.0.0.1:2375"));
        return candidates.stream().distinct().toList();
    }

    private static String variable(Map<String, String> environment, String name) {
        return environment.getOrDefault(name, "").strip();
    }

    /** The sockets below the host's root and below the root of this process. */
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
            // reported below, together with other invalid values
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
        String value = variable(environment, "DOCKER_CERT_PATH");
        return value.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/"), ".docker") : Path.of(value);
    }

    private static @Nullable String apiVersion(Map<String, String> environment) {
        String value = variable(environment, "DOCKER_API_VERSION");
        try {
            return value.isEmpty() ? null : RemoteApiVersion.parseConfig(value).getVersion();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("DOCKER_API_VERSION=" + value + ": expected a version such as 1.44", e);
        }
    }
}
