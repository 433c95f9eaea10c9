package io.gpuagent.agent.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of one daemon, in an API version that both support. After a timeout it must be closed, which frees hanging calls. */
final class DockerConnection implements AutoCloseable {

    /** The newest API version that docker-java supports. */
    private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

    private final String address;
    private final BoundedCalls calls;
    private final DockerClient client;
    private final ContainerRuntime runtime;
    private final String description;

    private DockerConnection(
            String address, BoundedCalls calls, DockerClient client, Version server, @Nullable String version) {
        this.address = address;
        this.calls = calls;
        this.client = client;
        boolean podman = Stream.ofNullable(server.getComponents())
                .flatMap(List::stream)
                .anyMatch(part -> part.getName() != null && part.getName().contains("Podman"));
        runtime = podman ? ContainerRuntime.PODMAN : ContainerRuntime.DOCKER;
        description = (podman ? "Podman " : "Docker Engine ") + server.getVersion() + " at " + address + ", API "
                + (version == null ? "unversioned" : version);
    }

    /**
     * A connection to the first candidate that answers.
     *
     * @throws LookupFailedException if none answers; the message has the reason for each
     */
    static DockerConnection open(DockerEndpoints endpoints, BoundedCalls calls)
            throws LookupFailedException, InterruptedException {
        List<LookupFailedException> failures = new ArrayList<>();
        for (URI endpoint : endpoints.candidates()) {
            try {
                return open(endpoint, endpoints, calls);
            } catch (LookupFailedException e) {
                failures.add(e);
            }
        }
        LookupOutcome most = failures.stream()
                .map(LookupFailedException::outcome)
                .max(Comparator.naturalOrder())
                .orElse(LookupOutcome.ERROR);
        String reasons = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
        throw new LookupFailedException(most, true, reasons, null);
    }

    static DockerConnection open(URI endpoint, DockerEndpoints endpoints, BoundedCalls calls)
            throws LookupFailedException, InterruptedException {
        String address = DockerEndpoints.text(endpoint);
        if ("unix".equals(endpoint.getScheme()) && !Files.exists(Path.of(endpoint.getPath()))) {
            throw new LookupFailedException(LookupOutcome.ABSENT, true, address + ": socket does not exist", null);
        }
        @Nullable DockerHttpClient http = null;
        try {
            http = http(endpoint, endpoints, calls.deadline());
            DockerClient unversioned = client(endpoint, null, http);
            Version server = calls.call(() -> unversioned.versionCmd().exec());
            String version = endpoints.apiVersion() != null ? endpoints.apiVersion() : agree(server);
            return new DockerConnection(address, calls, client(endpoint, version, http), server, version);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            close(http);
            throw DockerFailure.of(address, e);
        } catch (InterruptedException e) {
            close(http);
            throw e;
        }
    }

    /**
     * The newest version that both support; the daemon's oldest if that is newer than any version of docker-java; null if the daemon does
     * not report its version.
     */
    static @Nullable String agree(Version server) {
        RemoteApiVersion most = RemoteApiVersion.parseConfigWithDefault(server.getApiVersion());
        RemoteApiVersion least = RemoteApiVersion.parseConfigWithDefault(server.getMinAPIVersion());
        if (most == RemoteApiVersion.UNKNOWN_VERSION) {
            return null;
        }
        RemoteApiVersion version = most.isGreater(NEWEST) ? NEWEST : most;
        boolean tooOld = least != RemoteApiVersion.UNKNOWN_VERSION && least.isGreater(version);
        return (tooOld ? least : version).getVersion();
    }

    /** Without a response timeout: calls have their own deadline, and an event stream may be idle for days. */
    private static DockerHttpClient http(URI endpoint, DockerEndpoints endpoints, Duration connectLimit) {
        ApacheDockerHttpClient.Builder builder = new ApacheDockerHttpClient.Builder()
                .dockerHost(endpoint)
                .maxConnections(2)
                .connectionTimeout(connectLimit);
        Path certificates = endpoints.certificates();
        if (certificates != null && "tcp".equals(endpoint.getScheme())) {
            builder.sslConfig(new DockerTls(certificates));
        }
        return builder.build();
    }

    /** Uses an empty builder: docker-java's default builder reads the environment, system properties and files in the home directory. */
    private static DockerClient client(URI endpoint, @Nullable String version, DockerHttpClient http) {
        DockerClientConfig config = new DefaultDockerClientConfig.Builder()
                .withDockerHost(endpoint.toString())
                .withApiVersion(version)
                .build();
        return DockerClientImpl.getInstance(config, http);
    }

    /** The details of a container; empty if the daemon does not know the id. */
    Optional<ContainerDetails> inspect(String id) throws LookupFailedException, InterruptedException {
        try {
            return calls.call(() -> {
                try {
                    var answer = client.inspectContainerCmd(id).exec();
                    return id.equals(answer.getId()) ? DockerDetails.of(answer, runtime) : Optional.empty();
                } catch (NotFoundException e) {
                    return Optional.empty();
                }
            });
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            throw DockerFailure.of(address, e);
        }
    }

    /** Streams create, start and rename events of containers to the callback, on a thread of docker-java. */
    void follow(ResultCallback<Event> callback) {
        client.eventsCmd()
                .withEventTypeFilter(EventType.CONTAINER)
                .withEventFilter("create", "start", "rename")
                .exec(callback);
    }

    /** The daemon, its address and the API version in use, for log and report. */
    String description() {
        return description;
    }

    @Override
    public void close() {
        close(client);
    }

    private static void close(@Nullable Closeable client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            System.getLogger(DockerConnection.class.getName()).log(System.Logger.Level.DEBUG, "closing failed", e);
        }
    }
}
