package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.Inventory;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The readers of all GPUs, kept in step with what the backend lists. A GPU that is no longer listed is lost, and forgotten after a
 * quarter of an hour: it may be back after a reset, or have been given to a virtual machine for good. Used by one thread at a time.
 */
final class GpuReaders implements AutoCloseable {

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(15);
    private static final CallFault NOT_LISTED = new CallFault("enumeration", "NOT_LISTED");

    private final Function<Gpu, GpuReader> newReader;
    private final TimeSource time;
    private final Map<GpuKey, GpuReader> readers = new LinkedHashMap<>();
    private final Map<GpuKey, Departure> departed = new LinkedHashMap<>();

    GpuReaders(Function<Gpu, GpuReader> newReader, TimeSource time) {
        this.newReader = newReader;
        this.time = time;
    }

    /** A GPU is known by its UUID; one that never told it, or shares it with another, by its index too. */
    private record GpuKey(String uuid, int occurrence) {}

    private record Departure(GpuUsage lost, long nanos) {}

    /** Follows what is listed now. */
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
        Set<GpuKey> gone = new HashSet<>(readers.keySet());
        gone.removeAll(listed);
        gone.forEach(this::depart);
        departed.values().removeIf(departure -> time.nanos() - departure.nanos() > FORGOTTEN_AFTER.toNanos());
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

    /** The GPUs that are no longer listed. */
    List<GpuUsage> departed() {
        return departed.values().stream().map(Departure::lost).toList();
    }

    @Override
    public void close() {
        readers.values().forEach(GpuReader::close);
    }
}
