package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A container source backed by a map, with a failure that a test can set. */
final class FakeSource implements ContainerSource {

    final Map<String, String> names = new ConcurrentHashMap<>();
    final List<String> lookups = new CopyOnWriteArrayList<>();
    volatile @Nullable LookupFailedException failure;
    /** The ids that the failure affects. */
    volatile Predicate<String> failsFor = id -> true;

    volatile @Nullable RuntimeException bug;
    /** A lookup that has its answer waits for this lock, so a test that holds it keeps the lookup under way. */
    final Object gate = new Object();

    volatile Changes changes = new Changes() {
        @Override
        public void changed(String id) {}

        @Override
        public void returned() {}
    };
    volatile boolean closed;
    private final String name;

    FakeSource(String name) {
        this.name = name;
    }

    static LookupFailedException down() {
        return new LookupFailedException(LookupOutcome.TIMEOUT, true, "down", null);
    }

    static LookupFailedException failingForOne() {
        return new LookupFailedException(LookupOutcome.ERROR, false, "broken record", null);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Named container) throws LookupFailedException {
        String id = container.id();
        lookups.add(id);
        if (bug != null) {
            throw bug;
        }
        if (failure != null && failsFor.test(id)) {
            throw failure;
        }
        Optional<ContainerDetails> answer = Optional.ofNullable(names.get(id))
                .map(found -> new ContainerDetails(found, ContainerRuntime.DOCKER, "bb:1", Map.of(), null));
        synchronized (gate) {
            return answer;
        }
    }

    @Override
    public List<PlaceStatus> examine() {
        return List.of();
    }

    @Override
    public void watch(Changes to) {
        changes = to;
    }

    @Override
    public void close() {
        closed = true;
    }
}
