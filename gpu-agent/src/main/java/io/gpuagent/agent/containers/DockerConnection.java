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
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A client of one daemon in an API version that both speak. After a timeout it must be closed, which frees what still hangs. */
final class DockerConnection implements AutoCloseable {

    /** The newest version whose answers docker-java knows. */
    private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

    private final URI endpoint;
    private final BoundedCalls calls;
    private final DockerClient client;
    private final String runtime;
    private final String description;

    private DockerConnection(
            URI endpoint, BoundedCalls calls, DockerClient client, Version server, @Nullable String version) {
        this.endpoint = endpoint;
        this.calls = calls;
        this.client = client;
        boolean podman = server.getComponents() != null
                && server.getComponents().stream()
                        .anyMatch(
                                part -> part.getName() != null && part.getName().contains("Podman"));
        runtime = podman ? "podman" : "docker";
        description = (podman ? "Podman " : "Docker Engine ") + server.getVersion() + " at "
                + DockerEndpoints.text(endpoint) + ", API "
                + (version == null ? "unversioned" : version);
    }

    /**
     * A connection to the first candidate that answers.
     *
     * @param responseLimit how long a read may take where the transport heeds it; null for ever
     * @throws LookupFailedException if none answers; tells why for each
     */
    static DockerConnection open(DockerEndpoints endpoints, BoundedCalls calls, @Nullable Duration responseLimit)
            throws LookupFailedException, InterruptedException {
        List<LookupFailedException> failures = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (URI endpoint : endpoints.candidates()) {
            if ("unix".equals(endpoint.getScheme()) && !Files.exists(Path.of(endpoint.getPath()))) {
                absent.add(DockerEndpoints.text(endpoint));
                continue;
            }
            try {
                return open(endpoint, endpoints, calls, responseLimit);
            } catch (LookupFailedException e) {
                failures.add(e);
            }
        }
        throw none(failures, absent);
    }

    private static LookupFailedException none(List<LookupFailedException> failures, List<String> absent) {
        List<String> reasons =
                new ArrayList<>(failures.stream().map(Throwable::getMessage).toList());
        if (!absent.isEmpty()) {
            reasons.add("no socket " + String.join(", ", absent));
        }
        LookupOutcome outcome =
                failures.isEmpty() ? LookupOutcome.ERROR : failures.get(0).outcome();
        @Nullable Throwable cause = failures.isEmpty() ? null : failures.get(0).getCause();
        return new LookupFailedException(outcome, true, String.join("; ", reasons), cause);
    }

    private static DockerConnection open(
            URI endpoint, DockerEndpoints endpoints, BoundedCalls calls, @Nullable Duration responseLimit)
            throws LookupFailedException, InterruptedException {
        @Nullable DockerHttpClient http = null;
        try {
            http = http(endpoint, endpoints, calls.deadline(), responseLimit);
            DockerClient unversioned = client(endpoint, null, http);
            Version server = calls.call(() -> unversioned.versionCmd().exec());
            String version = endpoints.apiVersion() != null ? endpoints.apiVersion() : agree(server);
            return new DockerConnection(endpoint, calls, client(endpoint, version, http), server, version);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            close(http);
            throw DockerTrouble.of(DockerEndpoints.text(endpoint), e);
        } catch (InterruptedException e) {
            close(http);
            throw e;
        }
    }

    /** The newest version that both speak; the daemon's oldest where that is newer than what we know; none if it does not tell. */
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

    private static DockerHttpClient http(
            URI endpoint, DockerEndpoints endpoints, Duration connectLimit, @Nullable Duration responseLimit) {
        ApacheDockerHttpClient.Builder builder = new ApacheDockerHttpClient.Builder()
                .dockerHost(endpoint)
                .maxConnections(2)
                .connectionTimeout(connectLimit);
        Path certificates = endpoints.certificates();
        if (certificates != null && "tcp".equals(endpoint.getScheme())) {
            builder.sslConfig(new DockerTls(certificates));
        }
        if (responseLimit != null) {
            builder.responseTimeout(responseLimit);
        }
        return builder.build();
    }

    /** From an empty builder: docker-java's default one reads the environment, system properties and files below the home directory. */
    private static DockerClient client(URI endpoint, @Nullable String version, DockerHttpClient http) {
        DockerClientConfig config = new DefaultDockerClientConfig.Builder()
                .withDockerHost(endpoint.toString())
                .withApiVersion(version)
                .build();
        return DockerClientImpl.getInstance(config, http);
    }

    /** What one container's own record says. */
    Optional<ContainerDetails> inspect(String id) throws LookupFailedException, InterruptedException {
        return bounded(() -> {
            try {
                var answer = client.inspectContainerCmd(id).exec();
                return id.equals(answer.getId()) ? DockerDetails.of(answer, runtime) : Optional.empty();
            } catch (NotFoundException e) {
                return Optional.empty();
            }
        });
    }

    /** What the daemon's list says: it answers also where a container's own record is locked or broken. */
    Optional<ContainerDetails> list(String id) throws LookupFailedException, InterruptedException {
        return bounded(() -> client.listContainersCmd().withShowAll(true).withIdFilter(List.of(id)).exec().stream()
                .filter(row -> id.equals(row.getId()))
                .findFirst()
                .flatMap(row -> DockerDetails.of(row, runtime)));
    }

    /** Lets the callback hear what is made, started and renamed, on a thread of docker-java's. */
    void follow(ResultCallback<Event> callback) {
        client.eventsCmd()
                .withEventTypeFilter(EventType.CONTAINER)
                .withEventFilter("create", "start", "rename")
                .exec(callback);
    }

    /** The daemon, its address and the version spoken, for people. */
    String description() {
        return description;
    }

    LookupFailedException trouble(Throwable thrown) {
        return DockerTrouble.of(DockerEndpoints.text(endpoint), thrown);
    }

    @Override
    public void close() {
        close(client);
    }

    private <T> T bounded(Callable<T> call) throws LookupFailedException, InterruptedException {
        try {
            return calls.call(call);
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            throw trouble(e);
        }
    }

    private static void close(@Nullable Closeable client) {
        try {
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            System.getLogger(DockerConnection.class.getName()).log(System.Logger.Level.DEBUG, "closing", e);
        }
    }
}
