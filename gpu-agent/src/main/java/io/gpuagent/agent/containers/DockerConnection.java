package io.gpuagent.agent.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.gpuagent.agent.containers.ContainerSource.Changes;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A client of one daemon, in an API version that both support. */
final class DockerConnection {

    /** The newest API version that docker-java supports. */
    private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

    private static final String EVENTS = "/events?filters="
            + URLEncoder.encode(
                    "{\"type\":[\"container\"],\"event\":[\"create\",\"start\",\"rename\"]}", StandardCharsets.UTF_8);

    private final String address;
    private final BoundedCalls calls;
    private final DockerTransport transport;
    private final DockerClient client;
    private final String eventsPath;
    private final ContainerRuntime runtime;
    private final String description;

    private DockerConnection(
            String address, BoundedCalls calls, DockerTransport transport, Version server, @Nullable String version) {
        this.address = address;
        this.calls = calls;
        this.transport = transport;
        client = client(transport, version);
        eventsPath = (version == null ? "" : "/v" + version) + EVENTS;
        boolean podman = Stream.ofNullable(server.getComponents())
                .flatMap(List::stream)
                .anyMatch(part -> part.getName() != null && part.getName().contains("Podman"));
        runtime = podman ? ContainerRuntime.PODMAN : ContainerRuntime.DOCKER;
        description = (podman ? "Podman " : "Docker Engine ") + DockerFailure.shortened(server.getVersion()) + " at "
                + address + ", API " + (version == null ? "unversioned" : version);
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
        try {
            DockerTransport transport = new DockerTransport(endpoint, tls(endpoint, endpoints.certificates()));
            Version server =
                    calls.call(() -> client(transport, null).versionCmd().exec());
            String version = endpoints.apiVersion() != null ? endpoints.apiVersion() : agree(server);
            return new DockerConnection(address, calls, transport, server, version);
        } catch (ExecutionException | TimeoutException | GeneralSecurityException | IOException | RuntimeException e) {
            throw DockerFailure.of(address, e);
        }
    }

    private static @Nullable SSLContext tls(URI endpoint, @Nullable Path certificates)
            throws GeneralSecurityException, IOException {
        return certificates != null && "tcp".equals(endpoint.getScheme())
                ? new DockerTls(certificates).context()
                : null;
    }

    private static DockerClient client(DockerTransport transport, @Nullable String version) {
        RemoteApiVersion parsed = RemoteApiVersion.parseConfigWithDefault(version);
        return DockerClientImpl.getInstance(new DockerConfig(transport.endpoint(), parsed), transport);
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

    /** The details of a container; empty if the daemon does not know the id, or has a container of that id elsewhere. */
    Optional<ContainerDetails> inspect(Workload.Container container)
            throws LookupFailedException, InterruptedException {
        try {
            return calls.call(() -> {
                try {
                    var answer = client.inspectContainerCmd(container.id()).exec();
                    return container.id().equals(answer.getId()) && DockerDetails.isAt(answer, container.path())
                            ? DockerDetails.of(answer, runtime)
                            : Optional.empty();
                } catch (NotFoundException e) {
                    return Optional.empty();
                }
            });
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            throw DockerFailure.of(address, e);
        }
    }

    /**
     * Reports the start of the event stream, then create, start and rename events of containers, until the stream ends or the calling thread
     * is interrupted. Does not use docker-java's stream, which cannot bound the size of a single event. Both daemons write each event on a
     * line.
     *
     * @throws DockerException if the daemon refuses the request
     * @throws IOException if the stream ends
     */
    void follow(Changes changes) throws IOException {
        Request request =
                Request.builder().method(Request.Method.GET).path(eventsPath).build();
        try (Response response = transport.stream(request)) {
            InputStream body = new BufferedInputStream(response.getBody());
            if (response.getStatusCode() != 200) {
                throw new DockerException(
                        new String(body.readNBytes(200), StandardCharsets.UTF_8), response.getStatusCode());
            }
            changes.returned();
            while (true) {
                String line = HttpHead.line(body, DockerTransport.LONGEST_BODY);
                Event event = ContainerFiles.JSON.readValue(line.getBytes(StandardCharsets.ISO_8859_1), Event.class);
                String id = event.getActor() != null ? event.getActor().getId() : event.getId();
                if (id != null) {
                    changes.changed(id);
                }
            }
        }
    }

    /** The daemon, its address and the API version in use, for log and report. */
    String description() {
        return description;
    }
}
