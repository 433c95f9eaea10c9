package io.gpuagent.agent.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * A rootless Docker or Podman daemon of a user. It is untrusted, because any program of the user may listen on its socket. Therefore
 * docker-java is not used: it reads headers and body of any length into memory.
 */
final class UserDaemon implements ContainerSource {

    /** The maximum number of bytes of an answer. Docker's answer about a container has a few thousand. */
    static final int LONGEST = 1 << 20;

    private static final int NOT_FOUND = 404;

    private final Path socket;
    private final BoundedCalls calls;

    UserDaemon(Path socket, Duration deadline) {
        this.socket = socket;
        this.calls = new BoundedCalls("rootless", deadline);
    }

    @Override
    public String name() {
        return "rootless";
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Named owner)
            throws LookupFailedException, InterruptedException {
        return DockerSource.mayHave(owner) ? bounded(() -> inspect(owner.id())) : Optional.empty();
    }

    private Optional<ContainerDetails> inspect(String id) throws IOException {
        Response answer = get("/containers/" + id + "/json");
        if (answer.status() == NOT_FOUND) {
            return Optional.empty();
        }
        InspectContainerResponse found =
                ContainerFiles.JSON.readValue(answer.successful(), InspectContainerResponse.class);
        return id.equals(found.getId()) ? DockerDetails.of(found, runtime()) : Optional.empty();
    }

    private ContainerRuntime runtime() {
        return socket.endsWith("podman.sock") ? ContainerRuntime.PODMAN : ContainerRuntime.DOCKER;
    }

    @Override
    public List<PlaceStatus> examine() throws InterruptedException {
        return List.of(PlaceStatus.of(
                address(),
                true,
                () -> bounded(() -> runtime().label() + " "
                        + ContainerFiles.JSON
                                .readTree(get("/version").successful())
                                .path("Version")
                                .asText("?"))));
    }

    private String address() {
        return "unix://" + socket;
    }

    private record Response(int status, String body) {

        String successful() throws IOException {
            if (status != 200) {
                throw new IOException("answered with status " + status);
            }
            return body;
        }
    }

    /** Uses HTTP/1.0, in which an answer is not chunked and ends with the connection. */
    private Response get(String path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            byte[] bytes = Channels.newInputStream(channel).readNBytes(LONGEST);
            String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\r\n\r\n", 2);
            if (parts.length < 2 || !parts[0].matches("(?s)HTTP/1\\.[01] [0-9]{3}\\b.*")) {
                throw new IOException("the answer is not HTTP, or is too long");
            }
            return new Response(Integer.parseInt(parts[0].substring(9, 12)), parts[1]);
        }
    }

    private <T> T bounded(Callable<T> call) throws LookupFailedException, InterruptedException {
        try {
            return calls.call(call);
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            throw DockerFailure.of(address(), e);
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
