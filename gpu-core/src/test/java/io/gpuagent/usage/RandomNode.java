package io.gpuagent.usage;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.Engine;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuMemory;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.ProcessList;
import io.gpuagent.device.ProcessUtilization;
import io.gpuagent.device.XidEvent;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.process.ProcessSource;
import io.gpuagent.process.ProcessStat;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerLookup;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Resolution;
import io.gpuagent.workload.Workload;
import io.gpuagent.workload.WorkloadResolver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A node with random behavior. GPUs are lost, removed and added. Processes of units, pods and containers, and of no
 * workload, start and end. Containers are renamed, energy counters are reset, process lists are unreadable, and Xids
 * occur. Each sample passes through all code between a backend and a snapshot, with a simulated clock.
 */
public final class RandomNode implements AutoCloseable {

    private static final int GPUS = 3;
    private static final int PIDS = 16;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Random events;
    private final Random order;
    private final Clock clock = new Clock();
    private final List<Board> boards =
            IntStream.range(0, GPUS).mapToObj(Board::new).toList();
    private final Map<String, String> names = new TreeMap<>();
    private final SamplerCounters counters = new SamplerCounters();
    private final GpuReaders readers =
            new GpuReaders(gpu -> new GpuReader(gpu, clock, counters, SECOND, SECOND), clock);
    private final XidQueue xids = new XidQueue();
    private final WorkloadResolver resolver = new WorkloadResolver(new Processes());
    private final Postings postings;
    private final SnapshotBuilder snapshots;

    /**
     * @param seed the seed of the events
     * @param order the seed of the order of GPUs, processes and lines of cgroup files
     */
    public RandomNode(long seed, long order) {
        this.events = new Random(seed);
        this.order = new Random(order);
        Ledger ledger = new Ledger(this::lookup, 5000, Duration.ofMinutes(1));
        XidAccounts accounts = new XidAccounts(xids, ledger, new XidLog(new RecordingLogger()));
        postings = new Postings(this::lookup, ledger, accounts);
        snapshots = new SnapshotBuilder(this::lookup, ledger, accounts);
    }

    private static final class Clock implements TimeSource {

        private volatile long nanos = 1L << 40;

        @Override
        public Instant now() {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public long nanos() {
            return nanos;
        }
    }

    /** A GPU together with its next sample, which is null if the GPU is lost. */
    private static final class Board implements Gpu {

        private final GpuIdentity identity;
        private long millijoules = 5_000_000;
        private volatile @Nullable GpuSample next;

        Board(int index) {
            identity = new GpuIdentity(index, "GPU-" + index, "A card", "00000000:0" + index + ":00.0");
        }

        @Override
        public GpuIdentity identity() {
            return identity;
        }

        @Override
        public GpuSample read() throws GpuUnavailableException {
            GpuSample sample = next;
            if (sample == null) {
                throw new GpuUnavailableException(new CallFault("nvmlDeviceGetMemoryInfo", "GPU_IS_LOST"));
            }
            return sample;
        }

        @Override
        public Optional<String> callInProgress() {
            return Optional.empty();
        }
    }

    /** Takes the next sample and returns its snapshot. */
    public Snapshot next() throws InterruptedException {
        clock.nanos += 1 + (long) (1e9 * (happens(4) ? events.nextDouble(30) : events.nextDouble(2)));
        change();
        List<Gpu> listed = new ArrayList<>();
        for (Board board : boards) {
            board.next = happens(5) ? null : sample(board);
            if (!happens(5)) {
                listed.add(board);
            }
        }
        Collections.shuffle(listed, order);
        readers.follow(new Inventory("580.95.05", listed));
        for (GpuReader reader : readers.readers()) {
            reader.request();
            reader.await(Duration.ofMinutes(1));
        }
        BackendState up = new BackendState("nvml", true, true, "580.95.05", null, "");
        resolver.retainOnly(readers.lastListed());
        Map<Integer, Resolution> resolutions = resolver.resolve(readers.listed(), clock.nanos());
        Map<GpuReader, Attribution> posted = postings.post(readers, resolutions, clock.nanos(), SECOND);
        return snapshots.build(clock.now(), clock.nanos(), up, readers, resolutions, posted, counters.totals(SECOND));
    }

    private boolean happens(int percent) {
        return events.nextInt(100) < percent;
    }

    private void change() {
        if (happens(20)) {
            names.put(id(events.nextInt(PIDS)), "name-" + events.nextInt(4));
        }
        if (happens(20)) {
            Board board = boards.get(events.nextInt(GPUS));
            xids.add(new XidEvent(board.identity, "", 31 + events.nextInt(3), clock.now()));
        }
    }

    private GpuSample sample(Board board) {
        List<GpuProcess> processes = new ArrayList<>();
        Map<Integer, Map<Engine, Double>> busy = new LinkedHashMap<>();
        Map<Integer, Long> ended = new LinkedHashMap<>();
        for (int pid = 0; pid < PIDS; pid++) {
            if (happens(40)) {
                processes.add(process(pid + 1, GpuProcess.Kind.COMPUTE));
                if (happens(20)) {
                    processes.add(process(pid + 1, GpuProcess.Kind.GRAPHICS));
                }
                busy.put(pid + 1, happens(5) ? Map.of() : Map.of(Engine.SM, events.nextInt(101) / 100.0));
            } else if (happens(5)) {
                ended.put(pid + 1, events.nextLong(1L << 35));
            }
        }
        board.millijoules = happens(5) ? events.nextInt(1000) : board.millijoules + events.nextInt(700_000);
        long used = events.nextLong(1L << 38);
        ProcessList list = happens(5)
                ? new ProcessList.Unreadable(new CallFault("nvmlDeviceGetComputeRunningProcesses", "UNKNOWN"))
                : ProcessList.union(shuffled(processes));
        return new GpuSample(
                happens(5) ? null : new GpuMemory(GpuMemory.Api.V2, 1L << 38, used, (1L << 38) - used, 0L),
                list,
                List.of(),
                List.of(),
                happens(5) ? null : new ProcessUtilization(shuffled(busy)),
                happens(5) ? null : (Long) board.millijoules,
                shuffled(ended),
                List.of(),
                List.of());
    }

    private GpuProcess process(int pid, GpuProcess.Kind kind) {
        return new GpuProcess(pid, "", happens(10) ? null : (Long) events.nextLong(1L << 35), Set.of(kind));
    }

    private <T> List<T> shuffled(List<T> list) {
        List<T> other = new ArrayList<>(list);
        Collections.shuffle(other, order);
        return other;
    }

    private <K, V> Map<K, V> shuffled(Map<K, V> map) {
        Map<K, V> other = new LinkedHashMap<>();
        shuffled(List.copyOf(map.keySet())).forEach(key -> other.put(key, map.get(key)));
        return other;
    }

    private ContainerLookup lookup(Workload.Named container) {
        String name = names.get(container.id());
        return name == null
                ? new ContainerLookup.Unknown(ContainerLookup.Reason.NOT_FOUND)
                : new ContainerLookup.Known(new ContainerDetails(name, ContainerRuntime.DOCKER, "", Map.of(), null));
    }

    private static String id(int pid) {
        return "%064x".formatted(pid / 2); // two processes per container
    }

    private final class Processes implements ProcessSource {

        @Override
        public boolean hostPids() {
            return true;
        }

        /** Every eighth process is missing in {@code /proc}. */
        @Override
        public Optional<ProcessStat> stat(int pid) {
            return pid % 8 == 0
                    ? Optional.empty()
                    : Optional.of(new ProcessStat(new ProcessIdentity(pid, 1), "comm-" + pid % 3, 'S'));
        }

        @Override
        public Optional<String> cgroup(int pid) {
            String path = switch (pid % 4) {
                case 0 -> "/kubepods/burstable/pod0ddfe5b8-c807-11ea-b574-e8611f15cb8" + pid % 3 + "/" + id(pid);
                case 1 -> "/system.slice/unit-" + pid % 3 + ".service";
                case 2 -> "/docker/" + id(pid);
                default -> "/";
            };
            String lines =
                    "11:devices:PATH\n9:cpu,cpuacct:PATH\n4:pids:/\n1:name=systemd:PATH\n0::/".replace("PATH", path);
            return Optional.of(String.join("\n", shuffled(Arrays.asList(lines.split("\n")))) + "\n");
        }

        @Override
        public Optional<String> mountinfo(int pid) {
            return Optional.of("");
        }

        @Override
        public OptionalInt uid(int pid) {
            return OptionalInt.of(pid % 3);
        }
    }

    @Override
    public void close() {
        readers.close();
    }
}
