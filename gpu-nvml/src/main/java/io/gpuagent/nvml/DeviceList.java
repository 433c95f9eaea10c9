package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DetailTable;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.Nvml;
import io.gpuagent.retry.Backoff;
import io.gpuagent.retry.Retries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The GPUs of the node by index, as of the last enumeration. Only the thread that enumerates may use it. */
final class DeviceList {

    /**
     * Retries after 1, 2, 4 and 8 enumerations, and then after every 10. {@link Backoff} works with durations: here,
     * one nanosecond stands for one enumeration.
     */
    private static final Backoff BACKOFF = new Backoff(Duration.ofNanos(1), Duration.ofNanos(10));

    private final MetricSelection selection;
    private final NativeMemory buffer = new NativeMemory(DeviceFunctions.TEXT_SIZE);

    /**
     * The GPUs opened in this session, by handle. A GPU keeps its object while it is present, since a hung call may
     * still be using that object.
     */
    private final Map<Long, NvmlGpu> opened = new HashMap<>();

    /**
     * The calls that the enumerating thread makes for those GPUs, by handle. They are separate from the calls that
     * another thread makes to read the GPU.
     */
    private final Map<Long, DeviceCalls> calls = new HashMap<>();

    /** GPUs that could not be opened, by index. */
    private final Map<Integer, OpenFailure> unopened = new HashMap<>();

    private @Nullable Session session;
    private long enumerations;

    /** The last known identity by index, so that a lost GPU keeps its UUID and name. */
    private final Map<Integer, GpuIdentity> lastKnown = new HashMap<>();

    /** A GPU that is part of NVML's device count but cannot be opened. */
    private record LostGpu(GpuIdentity identity, CallFault fault) implements Gpu {

        @Override
        public GpuSample read() throws GpuUnavailableException {
            throw new GpuUnavailableException(fault);
        }

        @Override
        public Optional<String> callInProgress() {
            return Optional.empty();
        }
    }

    private record OpenFailure(LostGpu gpu, Retries retries) {}

    DeviceList(MetricSelection selection) {
        this.selection = selection;
    }

    /**
     * Enumerates the GPUs. The result includes GPUs that cannot be opened; their {@link Gpu#read()} throws the error.
     */
    Inventory read(Session session) throws SessionEndedException, BackendUnavailableException {
        if (session != this.session) {
            this.session = session;
            unopened.clear();
            opened.clear();
            calls.clear();
        }
        enumerations++;
        int count = count(session);
        List<Gpu> gpus = new ArrayList<>();
        Set<String> uuids = new HashSet<>();
        for (int index = 0; index < count; index++) {
            Gpu gpu = gpuAt(index, session);
            gpus.add(gpu);
            if (gpu instanceof NvmlGpu) {
                uuids.add(gpu.identity().uuid());
                lastKnown.put(index, gpu.identity());
            }
        }
        gpus.replaceAll(gpu -> gpu instanceof LostGpu lost ? withLastIdentity(lost, uuids) : gpu);
        return new Inventory(session.driverVersion, gpus);
    }

    private int count(Session session) throws SessionEndedException, BackendUnavailableException {
        int code = session.nvml.deviceCount(buffer);
        if (code != ReturnCode.SUCCESS) {
            CallFault fault = new CallFault(Nvml.COUNT, ReturnCode.name(code));
            failIfEnded(fault);
            throw new BackendUnavailableException(Reason.FAILED, fault.toString());
        }
        return buffer.int32(0);
    }

    /**
     * Returns the GPU at an index. If it could not be opened before, opens it again only when {@link #BACKOFF} allows
     * it, since opening a lost GPU can be slow.
     */
    private Gpu gpuAt(int index, Session session) throws SessionEndedException {
        OpenFailure before = unopened.get(index);
        if (before != null && !before.retries().isDue(enumerations)) {
            return before.gpu();
        }
        Gpu gpu = open(index, session);
        if (gpu instanceof LostGpu lost) {
            Retries retries = before == null ? new Retries(BACKOFF) : before.retries();
            retries.failed(enumerations);
            unopened.put(index, new OpenFailure(lost, retries));
        } else {
            unopened.remove(index);
        }
        return gpu;
    }

    private Gpu open(int index, Session session) throws SessionEndedException {
        try {
            DeviceCalls current = DeviceCalls.open(session, index);
            long handle = current.handle.address();
            String uuid = current.text(DeviceFunctions.UUID, buffer);
            NvmlGpu gpu = opened.get(handle);
            if (gpu == null || !gpu.identity().uuid().equals(uuid)) {
                gpu = new NvmlGpu(unknown(index), current, selection);
                opened.put(handle, gpu);
                calls.remove(handle);
            } else {
                calls.putIfAbsent(handle, current);
            }
            gpu.setIdentity(identity(index, uuid, gpu.identity(), calls.getOrDefault(handle, current)));
            return gpu;
        } catch (GpuUnavailableException e) {
            failIfEnded(e.fault());
            return new LostGpu(unknown(index), e.fault());
        }
    }

    /**
     * Updates the identity of a GPU. The model name and the bus id are read until they are known. The details are read
     * only once.
     */
    private GpuIdentity identity(int index, String uuid, GpuIdentity known, DeviceCalls calls)
            throws GpuUnavailableException {
        String model = known.model();
        String busId = known.pciBusId();
        return new GpuIdentity(
                index,
                uuid,
                model.isEmpty() ? calls.textOrEmpty(DeviceFunctions.NAME, DeviceFunctions::text, buffer) : model,
                busId.isEmpty() ? calls.textOrEmpty(DeviceFunctions.PCI_INFO, DeviceFunctions::busId, buffer) : busId,
                known.uuid().isEmpty() ? details(calls) : known.details());
    }

    private Map<GpuDetail, String> details(DeviceCalls calls) throws GpuUnavailableException {
        Map<GpuDetail, String> details = new EnumMap<>(GpuDetail.class);
        for (DetailTable.Row row : DetailTable.ROWS) {
            buffer.fill((byte) 0);
            if (calls.call(row.function(), buffer) == ReturnCode.SUCCESS) {
                details.put(row.detail(), row.text().apply(buffer));
            }
        }
        details.values().removeIf(String::isEmpty);
        return details;
    }

    /**
     * Adds the last known identity at the index to a lost GPU, unless the GPU with that identity is now at another
     * index. The order of GPUs may change when the driver is reloaded.
     */
    private LostGpu withLastIdentity(LostGpu lost, Set<String> uuidsElsewhere) {
        GpuIdentity last = lastKnown.get(lost.identity().index());
        return last == null || uuidsElsewhere.contains(last.uuid()) ? lost : new LostGpu(last, lost.fault());
    }

    private static GpuIdentity unknown(int index) {
        return new GpuIdentity(index, "", "", "");
    }

    private static void failIfEnded(CallFault fault) throws SessionEndedException {
        if (ReturnCode.endsSession(fault)) {
            throw new SessionEndedException(fault);
        }
    }
}
