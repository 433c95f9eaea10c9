package io.gpuagent.agent.containers;

import io.gpuagent.agent.containers.CachingDirectory.Tuning;
import io.gpuagent.retry.Backoff;
import io.gpuagent.testing.Eventually;
import io.gpuagent.testing.Opened;
import io.gpuagent.testing.StubDaemon;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A Docker source and a container directory on a stub daemon that misbehaves on cue. */
@ExtendWith(Opened.Scope.class)
abstract class StubbedDocker {

    static final String ID = "0123456789abcdef".repeat(4);
    static final String OTHER = "fedcba9876543210".repeat(4);
    static final Duration DEADLINE = Duration.ofSeconds(1);
    static final Duration SOON = Duration.ofSeconds(5);
    static final Backoff QUICK = new Backoff(Duration.ofMillis(20), Duration.ofMillis(100));

    @TempDir
    Path directory;

    Opened opened;
    StubDaemon daemon;
    DockerSource source;
    CachingDirectory names;

    @BeforeEach
    void begin(Opened opened) {
        this.opened = opened;
    }

    /** Starts a daemon in the place of the one before, whose source is closed as well. */
    void start(boolean unix) {
        opened.close();
        daemon = opened.add(unix ? StubDaemon.unix(directory.resolve("docker.sock")) : StubDaemon.tcp());
        daemon.names.put(ID, "web");
    }

    DockerEndpoints endpoints() {
        return DockerEndpoints.of(daemon.address(), Map.of(), Path.of("/"));
    }

    DockerSource source(Map<String, String> environment) {
        return opened.add(
                new DockerSource(DockerEndpoints.of(daemon.address(), environment, Path.of("/")), DEADLINE, QUICK));
    }

    void openDirectory() {
        source = source(Map.of());
        names = opened.add(
                new CachingDirectory(List.of(source), List.of(), new Tuning(QUICK, SOON.multipliedBy(100), SOON, 100)));
    }

    String lookup() throws Exception {
        source = source(Map.of());
        return name();
    }

    String name() throws LookupFailedException, InterruptedException {
        return source.lookup(container(ID)).orElseThrow().name();
    }

    ContainerDetails details() throws Exception {
        source = source(Map.of());
        return source.lookup(container(ID)).orElseThrow();
    }

    String lastRequest() {
        return daemon.requests.get(daemon.requests.size() - 1);
    }

    static Workload.Container container(String id) {
        return new Workload.Container(ContainerRuntime.DOCKER, id, null, null);
    }

    ContainerLookup find(String id) {
        return names.find(container(id));
    }

    void awaitName(String name) {
        Eventually.within(
                SOON,
                name,
                () -> find(ID) instanceof ContainerLookup.Known known
                        && known.details().name().equals(name));
    }
}
