package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.ProcessList;
import io.gpuagent.usage.GpuReader.Outcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The readers of all GPUs that the backend lists. A GPU that is no longer listed counts as lost. It is removed after 15
 * minutes: until then it may return from a reset, and later it is assumed to be gone, for instance because it was
 * assigned to a virtual machine. Not thread-safe.
 */
final class GpuReaders implements AutoCloseable {

    private static final Duration RETENTION = Duration.ofMinutes(15);
    private static final CallFault NOT_LISTED = new CallFault("enumeration", "NOT_LISTED");

    private final Function<Gpu, GpuReader> newReader;
    private final TimeSource time;
    private final Map<GpuKey, GpuReader> readers = new LinkedHashMap<>();
    private final Map<GpuKey, Departure> departed = new LinkedHashMap<>();

    GpuReaders(Function<Gpu, GpuReader> newReader, TimeSource time) {
        this.newReader = newReader;
        this.time = time;
    }

    /**
     * Identifies a GPU by its UUID. The occurrence distinguishes GPUs with equal UUIDs; for a GPU without a UUID it is
     * the index.
     */
    private record GpuKey(String uuid, int occurrence) {}

    private record Departure(GpuUsage lost, long nanos) {}

    /** Adds and removes readers so that they match the inventory. */
    void follow(Inventory inventory) {
        Set<GpuKey> listed = new HashSet<>();
        for (Gpu gpu : inventory.gpus()) {
            GpuKey key = key(gpu.identity(), listed);
            listed.add(key);
            departed.remove(key);
            GpuReader reader = readers.get(key);
            if (reader == null) {
                readers.put(key, newReader.apply(gpu));
            } else {
                reader.use(gpu);
            }
        }
        Set<GpuKey> missing = new HashSet<>(readers.keySet());
        missing.removeAll(listed);
        missing.forEach(this::depart);
        departed.values().removeIf(departure -> time.nanos() - departure.nanos() > RETENTION.toNanos());
    }

    private static GpuKey key(GpuIdentity identity, Set<GpuKey> taken) {
        if (identity.uuid().isEmpty()) {
            return new GpuKey("", identity.index());
        }
        int occurrence = 0;
        while (taken.contains(new GpuKey(identity.uuid(), occurrence))) {
            occurrence++;
        }
        return new GpuKey(identity.uuid(), occurrence);
    }

    private void depart(GpuKey key) {
        GpuReader reader = Objects.requireNonNull(readers.remove(key));
        reader.close();
        if (!key.uuid().isEmpty()) {
            GpuState lost = new GpuState.Lost(NOT_LISTED, time.now());
            GpuUsage usage = GpuUsage.of(reader.identity(), lost, reader.memoryApi());
            departed.put(key, new Departure(usage, time.nanos()));
        }
    }

    List<GpuReader> readers() {
        return List.copyOf(readers.values());
    }

    /** The identities of all GPUs, departed ones included. */
    Set<GpuIdentity> identities() {
        Set<GpuIdentity> identities = new HashSet<>();
        readers.values().forEach(reader -> identities.add(reader.identity()));
        departed.values().forEach(departure -> identities.add(departure.lost().identity()));
        return identities;
    }

    /** The pids in the last readable process list of each GPU, including GPUs that cannot be read now. */
    Set<Integer> lastListed() {
        Set<Integer> pids = new HashSet<>();
        readers.values().forEach(reader -> pids.addAll(reader.lastListed()));
        return pids;
    }

    /** The pids in the newest process lists. */
    Set<Integer> listed() {
        Set<Integer> pids = new HashSet<>();
        for (GpuReader reader : readers.values()) {
            if (reader.outcome() instanceof Outcome.Sampled sampled
                    && sampled.sample().processes() instanceof ProcessList.Known) {
                pids.addAll(reader.lastListed());
            }
        }
        return pids;
    }

    /** The GPUs that are no longer listed, until they are removed. */
    List<GpuUsage> departed() {
        return departed.values().stream().map(Departure::lost).toList();
    }

    @Override
    public void close() {
        readers.values().forEach(GpuReader::close);
    }
}
